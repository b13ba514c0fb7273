import { expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { jsonReport } from '../../src/report/json.ts';
import { runOf, scripted } from '../support/session-script.ts';

const START = 'session A\nconnect\n> StartTransaction {"connectorId":1,"idTag":"A"}\n';

it('is JSON of the comparison with integers of any size exact and an absent side left out', async () => {
  const baseline = scripted(`${START}< {"transactionId":5}`);
  const candidate = runOf(baseline, `${START}< {"transactionId":9223372036854775807,"more":1}`);
  const text = jsonReport(await compareRecordings(baseline, candidate));
  expect(text).toContain('"candidate": 9223372036854775807');
  const parsed = JSON.parse(text);
  expect(Object.keys(parsed)).toEqual([
    'schemaVersion',
    'verdict',
    'baseline',
    'candidate',
    'summary',
    'findings',
  ]);
  expect(parsed.findings).toHaveLength(2);
  expect(parsed.findings.find((one: { kind: string }) => one.kind === 'field-added')).not.toHaveProperty(
    'baseline',
  );
});
