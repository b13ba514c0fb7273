import { describe, expect, it } from 'vitest';
import type { OrphanMode } from '../../../src/replay/plan.ts';
import { NO_RULES } from '../../../src/replay/plan.ts';
import { type Golden, golden, result } from '../../support/golden-csms.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';
const READING = `"meterValue":[{${AT},"sampledValue":[{"value":"1.5","unit":"kWh"}]}]`;

/** Transaction 7 was running before the recording began; transaction 8 was not; -1 is the charger's own. */
const script = `
  0 open
  10 > MeterValues {"connectorId":2,"transactionId":7,${READING}}
  20 < {}
  30 > MeterValues {"connectorId":1,"transactionId":-1,"meterValue":[]}
  40 < {}
  50 > StopTransaction {"transactionId":7,"idTag":"TAG","meterStop":9000,${AT}}
  60 < {}
  70 > StartTransaction {"connectorId":1,"idTag":"B","meterStart":0,${AT}}
  80 < {"transactionId":8}
  90 > StopTransaction {"transactionId":8,"meterStop":1,${AT}}
  99 < {}`;

function played(orphans: OrphanMode): Promise<Golden> {
  let issued = 500;
  const reply = (call: Parameters<typeof result>[0]) =>
    call.action === 'StartTransaction' ? [result(call, `{"transactionId":${++issued}}`)] : [];
  return golden(script, reply, { rules: { ...NO_RULES, orphans } });
}

/** Each call with the transaction it names. */
function named({ calls }: Golden): [string, unknown][] {
  return calls.map(({ action, payload }) => [action, payload.transactionId]);
}

describe.concurrent('a transaction that was running when the recording began', () => {
  it('is sent as it was recorded and counted, under keep', async () => {
    const seen = await played('keep');
    expect(named(seen)).toEqual([
      ['MeterValues', 7],
      ['MeterValues', -1],
      ['StopTransaction', 7],
      ['StartTransaction', undefined],
      ['StopTransaction', 501],
    ]);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
    expect(seen.summary.departures).toMatchObject([{ kind: 'orphan-kept', count: 1, notSent: 0 }]);
  });

  it('is started first, as its own calls tell, and then goes by the id that was issued, under start', async () => {
    const seen = await played('start');
    expect(named(seen)).toEqual([
      ['StartTransaction', undefined],
      ['MeterValues', 501],
      ['MeterValues', -1],
      ['StopTransaction', 501],
      ['StartTransaction', undefined],
      ['StopTransaction', 502],
    ]);
    expect(seen.calls[0]?.payload).toEqual({
      connectorId: 2,
      idTag: 'TAG',
      meterStart: 1500,
      timestamp: '2026-01-01T00:00:00.010Z',
    });
    expect(seen.summary.departures).toMatchObject([{ kind: 'orphan-started', count: 1 }]);
    const [first] = seen.recorder.frames.filter(({ sender }) => sender === 'charger');
    const link = seen.recorder.entries.find(
      (entry) => entry.kind === 'link' && entry.link.frame === first?.id,
    );
    expect(link).toMatchObject({ link: { replays: null } });
  });

  it('is left out and counted, under skip', async () => {
    const seen = await played('skip');
    expect(named(seen)).toEqual([
      ['MeterValues', -1],
      ['StartTransaction', undefined],
      ['StopTransaction', 501],
    ]);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 2 });
    expect(seen.summary.departures).toMatchObject([{ kind: 'orphan-skipped', count: 1, notSent: 2 }]);
  });
});
