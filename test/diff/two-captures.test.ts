import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import type { Comparison } from '../../src/diff/finding.ts';
import { scripted } from '../support/session-script.ts';

const BOOT =
  '> BootNotification {"chargePointVendor":"V","chargePointModel":"M","firmwareVersion":"1"}\n< {"status":"Accepted"}\n';
const STATUS = (status: string) => `> StatusNotification {"connectorId":1,"status":"${status}"}\n< {}\n`;
const METER = (value: number) =>
  `> MeterValues {"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-03-01T08:00:00Z","sampledValue":[{"value":"${value}"}]}]}\n< {}\n`;
const CHARGE = (tag: string, answer = '{"status":"Accepted"}') =>
  `> Authorize {"idTag":"${tag}"}\n< {"idTagInfo":${answer}}\n> StartTransaction {"connectorId":1,"idTag":"${tag}","meterStart":5}\n< {"transactionId":7,"idTagInfo":${answer}}\n`;
const session = (name: string, ...lines: string[]) =>
  `session ${name}\nconnect\n${lines.join('')}charger close 1000\n`;

/** Compares two scripts as recordings of two days. */
function compare(before: string, after: string): Promise<Comparison> {
  return compareRecordings(scripted(before), scripted(after, { uuid: 'other', startUs: 86_400_000_000 }));
}

async function findings(before: string, after: string): Promise<string[]> {
  const { findings: all } = await compare(before, after);
  return all.map(({ kind, action, variety, path, count }) =>
    [kind, action, variety, path, count].filter(Boolean).join(' '),
  );
}

it('folds what differs in the samples of a charger that takes more of them under how many there are', async () => {
  const meter = (...samples: string[]) =>
    `> MeterValues {"connectorId":1,"meterValue":[{"timestamp":"2026-03-01T08:00:00Z","sampledValue":[${samples.join()}]}]}\n< {}\n`;
  const sample = (measurand: string, unit: string) =>
    `{"value":"1","measurand":"${measurand}","unit":"${unit}"}`;
  const before = session('A', BOOT, meter(sample('SoC', 'Percent')));
  const after = session('A', BOOT, meter(sample('Voltage', 'V'), sample('Current', 'A')));
  const { findings: all } = await compare(before, after);
  const [array, ...items] = all.toSorted((a, b) => a.path.length - b.path.length);
  expect(array).toMatchObject({ kind: 'call-changed', path: '/meterValue/0/sampledValue' });
  expect(array?.message).toContain('has 2 items in /meterValue/0/sampledValue instead of 1 item');
  expect(items.map(({ path, causedBy }) => [path, causedBy])).toEqual([
    ['/meterValue/0/sampledValue/0/unit', array?.id],
    ['/meterValue/0/sampledValue/0/measurand', array?.id],
  ]);
});

describe('chargers of two captures', () => {
  const beat = '> Heartbeat {}\n< {}\n';

  it('are the same by name, by an identity of another endpoint, or because they alone are left', async () => {
    const before = session('/a/ONE', beat) + session('/a/TWO', beat) + session('/a/LEFT', beat);
    const after = session('/a/ONE', beat) + session('/b/TWO', beat) + session('/b/OTHER', beat);
    const { summary, findings: none } = await compare(before, after);
    expect(summary.sessions).toEqual(['/a/ONE', '/b/OTHER', '/b/TWO']);
    expect(summary.renamedSessions).toEqual([
      { baseline: '/a/LEFT', candidate: '/b/OTHER' },
      { baseline: '/a/TWO', candidate: '/b/TWO' },
    ]);
    expect(none).toEqual([]);
  });

  it('are not guessed when more than one is left', async () => {
    const { summary, verdict } = await compare(session('A', beat) + session('B', beat), session('C', beat));
    expect(summary.sessionsCompared).toBe(0);
    expect(summary.notComparedReasons).toMatchObject({ 'session that the candidate does not have': 2 });
    expect(verdict).toBe('incomplete');
  });

  it('are the same when somebody says so', async () => {
    const [before, after] = [
      session('A', BOOT) + session('B', beat),
      session('A', beat) + session('B', BOOT),
    ];
    const wantedPairs = [
      { baseline: 1, candidate: 2 },
      { baseline: 2, candidate: 1 },
    ];
    const { summary, findings: none } = await compareRecordings(
      scripted(before),
      scripted(after, { uuid: 'b' }),
      {
        wantedPairs,
      },
    );
    expect(none).toEqual([]);
    expect(summary.renamedSessions).toHaveLength(2);
  });
});

describe('calls of the charger in two captures', () => {
  const day = (...more: string[]) => session('A', BOOT, STATUS('Available'), ...more);

  it('are one finding for one more or one fewer, wherever it stands', async () => {
    const vendor = '> DataTransfer {"vendorId":"V"}\n< {"status":"Accepted"}\n';
    const rest = [CHARGE('T'), METER(1), STATUS('Charging'), STATUS('Finishing')];
    const [first, ...others] = rest;
    const more = day(first!, vendor, ...others);
    expect(await findings(day(...rest), more)).toEqual(['call-unexpected DataTransfer V 1']);
    expect(await findings(more, day(...rest))).toEqual(['call-missing DataTransfer V 1']);
  });

  it('are none for readings, times and how often a charger repeats itself', async () => {
    expect(await findings(day(CHARGE('T'), METER(1)), day(CHARGE('T'), METER(20), METER(30)))).toEqual([]);
  });

  it('are none for another tag, and what is said of it is not compared', async () => {
    const { findings: none, summary } = await compare(
      day(CHARGE('T')),
      day(CHARGE('U', '{"status":"Blocked"}')),
    );
    expect(none).toEqual([]);
    expect(summary.expected).toMatchObject({ tag: 2 });
    expect(summary.notComparedReasons).toMatchObject({ 'what is said of another tag': 2 });
  });

  it('are compared in what else they say', async () => {
    const newer = BOOT.replace('"firmwareVersion":"1"', '"firmwareVersion":"2"');
    expect(await findings(session('A', BOOT), session('A', newer))).toEqual([
      'call-changed BootNotification /firmwareVersion 1',
    ]);
    const unit = METER(1).replace('"value":"1"', '"value":"1","unit":"kWh"');
    expect(await findings(day(CHARGE('T'), METER(1)), day(CHARGE('T'), unit))).toEqual([
      'call-changed MeterValues /meterValue/0/sampledValue/0/unit 1',
    ]);
  });

  it('that an unexpected command provoked follow from it', async () => {
    const trigger =
      '< TriggerMessage {"requestedMessage":"FirmwareStatusNotification"}\n> {"status":"Accepted"}\n> FirmwareStatusNotification {"status":"Idle"}\n< {}\n';
    const { findings: all } = await compare(day(), day(trigger));
    const command = all.find(({ caller }) => caller === 'csms')!;
    expect(all.map(({ kind, causedBy }) => [kind, causedBy])).toEqual([
      ['command-unexpected', undefined],
      ['call-unexpected', command.id],
    ]);
    expect(await findings(day(trigger), day())).toEqual([]);
  });

  it('answer commands as they did, or that is a finding of low severity', async () => {
    const command = (reply: string) => day(`< ChangeConfiguration {"key":"K","value":"1"}\n> ${reply}\n`);
    const { findings: all } = await compare(
      command('{"status":"Accepted"}'),
      command('{"status":"Rejected"}'),
    );
    expect(all).toMatchObject([
      {
        kind: 'reply-changed',
        caller: 'csms',
        action: 'ChangeConfiguration',
        path: '/status',
        severity: 'low',
      },
    ]);
    expect(await findings(command('{"status":"Accepted"}'), command('!NotSupported'))).toEqual([
      'reply-changed ChangeConfiguration K 1',
    ]);
  });
});
