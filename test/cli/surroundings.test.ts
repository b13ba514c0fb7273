import { expect, it } from 'vitest';
import { surroundingsOf } from '../../src/cli/surroundings.ts';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import type { MemoryReader } from '../support/memory-reader.ts';
import { runOf, scripted } from '../support/session-script.ts';

const BEGINNING = `
session A
connect
> BootNotification {"chargePointVendor":"Acme","chargePointModel":"One"}
< {"status":"Accepted","currentTime":"2026-03-01T08:00:00Z","interval":300}
> Authorize {"idTag":"A"}
`;

/** The one finding's surroundings, each line as `* sender text` with a star at the finding's own frame. */
async function around(baseline: MemoryReader, candidate: MemoryReader): Promise<Record<string, string[]>> {
  const comparison = await compareRecordings(baseline, candidate);
  expect(comparison.findings).toHaveLength(1);
  const found = (await surroundingsOf(comparison, baseline, candidate)).get(comparison.findings[0]!.id)!;
  const lines = (side: 'baseline' | 'candidate') =>
    found[side].map(({ here, sender, text }) => `${here ? '*' : ' '} ${sender} ${text.trim()}`);
  return { baseline: lines('baseline'), candidate: lines('candidate') };
}

it('shows what passed before and after the frames of a finding, on both sides', async () => {
  const end = '\n> Heartbeat {}\n< {"currentTime":"2026-03-01T08:00:00Z"}';
  const baseline = scripted(`${BEGINNING}< {"idTagInfo":{"status":"Accepted"}}${end}`);
  const candidate = runOf(baseline, `${BEGINNING}< {"idTagInfo":{"status":"Blocked"}}${end}`);
  const { baseline: left, candidate: right } = await around(baseline, candidate);
  expect(left?.[3]).toBe('* csms ← Authorize Accepted');
  expect(right?.[3]).toBe('* csms ← Authorize Blocked');
  for (const side of [left, right]) {
    expect(side).toHaveLength(6);
    expect(side?.[2]).toBe('  charger Authorize idTag=A');
    expect(side?.[4]).toBe('  charger Heartbeat');
  }
});

it('shows where a command that did not come would have been', async () => {
  const answer = '< {"idTagInfo":{"status":"Accepted"}}\n';
  const command = '< ChangeConfiguration {"key":"HeartbeatInterval","value":"9"}\n> {"status":"Accepted"}';
  const baseline = scripted(`${BEGINNING}${answer}${command}`);
  const candidate = runOf(baseline, `${BEGINNING}${answer}`);
  const { baseline: left, candidate: right } = await around(baseline, candidate);
  expect(left).toContain('* csms ChangeConfiguration key=HeartbeatInterval value=9');
  expect(right?.filter((line) => line.startsWith('*'))).toEqual([]);
  expect(right).toContain('  csms ← Authorize Accepted');
});
