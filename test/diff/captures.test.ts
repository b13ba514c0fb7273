import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { sortFindings } from '../../src/report/excuse.ts';
import type { Reader } from '../../src/session/recording.ts';
import { importCaptures } from '../../src/store/capture-import.ts';
import { openRecording } from '../../src/store/reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CAPTURES = join(import.meta.dirname, '../../fixtures/captures');
const names = readdirSync(CAPTURES)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.slice(0, -'.jsonl'.length));

/** A capture as a recording of its own. */
async function imported(name: string): Promise<Reader> {
  const out = join(temporaryFolder(), 'out.db');
  await importCaptures([join(CAPTURES, `${name}.jsonl`)], out);
  const reader = await openRecording(out);
  onTestFinished(() => reader.close());
  return reader;
}

describe('a capture', () => {
  it.each(names)('differs neither from itself nor from a copy: %s', async (name) => {
    const [one, copy] = [await imported(name), await imported(name)];
    for (const other of [one, copy]) {
      const { findings, summary } = await compareRecordings(one, other);
      expect(findings).toEqual([]);
      expect(summary.sessionsCompared).toBeGreaterThan(0);
    }
  });
});

describe('one charger at two CSMSs', () => {
  it('is told what ocpp-go and open-ocpp do differently, and no more', async () => {
    const comparison = await compareRecordings(
      await imported('microocpp-sim__ocpp-go-cs'),
      await imported('microocpp-sim__open-ocpp-cs'),
    );
    const { deciding } = sortFindings(comparison.findings);
    const told = deciding.map(({ finding: { kind, action, variety, path, baseline, candidate, count } }) =>
      [kind, action, variety, path, JSON.stringify(baseline), '->', JSON.stringify(candidate), `×${count}`]
        .filter(Boolean)
        .join(' '),
    );
    expect(told.sort()).toEqual([
      'command-missing GetLocalListVersion {} -> ×1',
      'command-repeated TriggerMessage Heartbeat -> {"requestedMessage":"Heartbeat"} ×4',
      'command-unexpected ChangeConfiguration HeartbeatInterval -> {"key":"HeartbeatInterval","value":"10"} ×5',
      'command-unexpected GetConfiguration -> {} ×5',
      'command-unexpected TriggerMessage MeterValues -> {"connectorId":0,"requestedMessage":"MeterValues"} ×5',
      'command-unexpected TriggerMessage StatusNotification -> {"requestedMessage":"StatusNotification"} ×5',
      'field-added Authorize /idTagInfo/expiryDate -> "2026-11-22T08:44:45Z" ×1',
      'field-added StartTransaction /idTagInfo/expiryDate -> "2026-11-22T08:44:45Z" ×1',
      'field-added StopTransaction /idTagInfo -> {"expiryDate":"2026-11-22T08:44:59Z","status":"Accepted"} ×1',
      'field-changed BootNotification /interval 600 -> 3600 ×1',
      'header /upgrade "websocket" -> "WebSocket" ×1',
      'ping /interval -> 8 ×1',
    ]);
  });
});
