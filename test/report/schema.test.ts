import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import type { FindingKind } from '../../src/diff/finding.ts';
import { jsonReport } from '../../src/report/json.ts';
import { runOf, scripted } from '../support/session-script.ts';
import { typicalComparison } from '../ui/comparison-fixture.ts';
import { hostileComparison } from './hostile-comparison.ts';

const root = resolve(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(resolve(root, 'src/report/comparison.schema.json'), 'utf8'));
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const validate = new Ajv({ allErrors: true, formats: { 'date-time': dateTime } }).compile(schema);

/** What the schema has against a report; nothing when it is valid. */
function faults(report: string): string[] {
  return validate(JSON.parse(report))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Every kind of finding; does not compile when one is missing. */
const KINDS: Record<FindingKind, true> = {
  'field-changed': true,
  'field-added': true,
  'field-removed': true,
  'type-changed': true,
  'format-changed': true,
  'array-order': true,
  'array-length': true,
  'beyond-int32': true,
  'duplicate-key': true,
  'result-to-error': true,
  'error-to-result': true,
  'error-code': true,
  schema: true,
  unanswered: true,
  'late-answer': true,
  latency: true,
  'duplicate-answer': true,
  'orphan-answer': true,
  malformed: true,
  'call-missing': true,
  'call-unexpected': true,
  'call-changed': true,
  'reply-changed': true,
  'command-missing': true,
  'command-unexpected': true,
  'command-changed': true,
  'command-order': true,
  'id-reused': true,
  'id-unmapped': true,
  'command-early': true,
  'command-late': true,
  'command-repeated': true,
  header: true,
  ping: true,
  'handshake-status': true,
  subprotocol: true,
  extensions: true,
  close: true,
};

describe('comparison.schema.json', () => {
  it('is met by comparisons of every shape', async () => {
    expect(faults(jsonReport(typicalComparison()))).toEqual([]);
    expect(faults(jsonReport(hostileComparison()))).toEqual([]);
    const start = 'session A\nconnect\n> StartTransaction {"connectorId":1,"idTag":"A"}\n';
    const baseline = scripted(
      `${start}< {"transactionId":5}\n< Reset {"type":"Soft"}\n> {"status":"Accepted"}`,
    );
    const candidate = runOf(
      baseline,
      `${start}< {"transactionId":9223372036854775807,"more":null}\ncsms close 1011`,
    );
    const found = await compareRecordings(baseline, candidate);
    expect(found.findings.length).toBeGreaterThan(2);
    expect(faults(jsonReport(found))).toEqual([]);
  });

  it('refuses what is no comparison', () => {
    const { verdict: _, ...rest } = typicalComparison();
    expect(faults(jsonReport({ ...rest, verdict: 'fine' } as never))).toEqual([
      '/verdict must be equal to one of the allowed values',
    ]);
    expect(faults('{}').length).toBeGreaterThan(3);
    const [finding] = typicalComparison().findings;
    const odd = { ...typicalComparison(), findings: [{ ...finding, baseline: undefined, colour: 'red' }] };
    expect(faults(JSON.stringify(odd))).toEqual(['/findings/0 must NOT have additional properties']);
  });

  it('lists the kinds of findings that there are, as the README does', () => {
    const kinds = schema.definitions.finding.properties.kind.enum.toSorted();
    expect(kinds).toEqual(Object.keys(KINDS).sort());
    const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
    expect(kinds.filter((kind: string) => !readme.includes(`\`${kind}\``))).toEqual([]);
  });

  it('is in the package', () => {
    const { files } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
    expect(files).toContain('src/report/comparison.schema.json');
  });
});
