import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import type { Observation } from '../../src/session/recording.ts';
import type { MemoryReader } from '../support/memory-reader.ts';
import { runOf, scripted } from '../support/session-script.ts';

const script = (id: number) => `
session A
connect
> StartTransaction {"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-03-01T08:00:00Z"}
< {"transactionId":${id},"idTagInfo":{"status":"Accepted"}}
> StopTransaction {"transactionId":${id},"meterStop":9,"timestamp":"2026-03-01T08:00:00Z"}
< {}
charger close 1000`;

/** A run in which a probe saw this after the StopTransaction. */
function seen(
  value: object | null,
  run: { uuid: string; id: number },
  more: Partial<Observation> = {},
): MemoryReader {
  const reader = runOf(scripted(script(1)), script(run.id), { uuid: run.uuid });
  const stop = reader.contents.events
    .get(1)!
    .find((event) => event.kind === 'frame' && event.frame.action === 'StopTransaction');
  const atUs = stop?.kind === 'frame' ? stop.frame.atUs : 0;
  const text = value === null ? null : JSON.stringify(value);
  reader.contents.observations = [
    { session: 1, probe: 'record', frame: stop!.id, atUs, value: text, failure: null, ...more },
  ];
  return reader;
}

const before = { uuid: 'before', id: 10 };
const after = { uuid: 'after', id: 20 };
const record = (id: number, more: object = {}) => ({
  status: 200,
  body: { transactionId: id, energy: 9, ...more },
});

describe('observations of two runs', () => {
  it('are the same but for the ids that each CSMS issued, and times', async () => {
    const { verdict, findings, summary } = await compareRecordings(
      seen(record(10, { stored: '2026-03-01T09:00:00.100Z' }), before),
      seen(record(20, { stored: '2026-03-01T09:00:00.200Z' }), after),
    );
    expect(findings).toEqual([]);
    expect(verdict).toBe('same');
    expect(summary.expected).toMatchObject({ time: 1 });
  });

  it('differ as payloads do, under the name of the probe', async () => {
    const { findings } = await compareRecordings(
      seen(record(10), before),
      seen(record(20, { energy: 0 }), after),
    );
    expect(findings).toMatchObject([
      {
        kind: 'field-changed',
        caller: null,
        action: 'probe:record',
        path: '/body/energy',
        baseline: 9,
        candidate: 0,
        severity: 'high',
      },
    ]);
    expect(findings[0]?.examples[0]?.baselineText).toContain('"energy":9');
  });

  it('are one finding when the look itself went otherwise', async () => {
    const { findings } = await compareRecordings(
      seen(record(10), before),
      seen({ status: 404, body: null }, after),
    );
    expect(findings).toMatchObject([
      { action: 'probe:record', path: '/status', baseline: 200, candidate: 404 },
    ]);
  });

  it('of an id that is another transaction differ', async () => {
    const { findings } = await compareRecordings(seen(record(10), before), seen(record(10), after));
    expect(findings).toMatchObject([{ action: 'probe:record', path: '/body/transactionId' }]);
  });

  it('that failed make the comparison incomplete', async () => {
    const { verdict, summary } = await compareRecordings(
      seen(record(10), before),
      seen(null, after, { failure: 'it took too long' }),
    );
    expect(verdict).toBe('incomplete');
    expect(summary.incompleteSessions[0]?.reason).toBe(
      "the candidate's probe record failed: it took too long",
    );
  });

  it('that one side alone has are not compared', async () => {
    const without = runOf(scripted(script(1)), script(20), { uuid: 'after' });
    const { verdict, summary } = await compareRecordings(seen(record(10), before), without);
    expect(verdict).toBe('same');
    expect(summary.notComparedReasons).toEqual({ 'observation that only one side has': 1 });
  });
});
