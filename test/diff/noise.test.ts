import { describe, expect, it } from 'vitest';
import { compareRecordings } from '../../src/diff/compare-recordings.ts';
import { withoutNoise } from '../../src/diff/noise.ts';
import { runOf, scripted } from '../support/session-script.ts';

/** A charger that asks for a value, and for whether a tag may charge; answered so often, one after the other. */
const conversation = (values: readonly string[], status = 'Accepted', more = ''): string =>
  `session CP-1
connect
${values.map((value) => `> DataTransfer {"vendorId":"v"}\n< {"status":"Accepted","data":${value}}`).join('\n')}
> Authorize {"idTag":"TAG-1"}
< {"idTagInfo":{"status":"${status}"}}
${more}
charger close 1000
`;

/** The comparison of a candidate with the conversation of the value "1", with these runs of the baseline's build as noise. */
async function judged(candidate: string, noise: readonly string[], values = ['"1"']) {
  const before = scripted(conversation(values));
  const compare = (script: string) => compareRecordings(before, runOf(before, script));
  const runs = [];
  for (const script of noise) runs.push(await compare(script));
  return withoutNoise(await compare(candidate), runs);
}

const statuses = ({ findings }: Awaited<ReturnType<typeof judged>>): string[] =>
  findings.map(({ kind, path, status }) => `${kind} ${path} ${status}`);

describe('noise', () => {
  it('is a value that drifts in a run of the same build too, and does not decide', async () => {
    const comparison = await judged(conversation(['"3"']), [conversation(['"2"'])]);
    expect(statuses(comparison)).toEqual(['field-changed /data noise']);
    expect(comparison.verdict).toBe('same');
    expect(comparison.summary.noise).toEqual({ runs: 1, exchanges: 2, differing: 1, refused: [] });
  });

  it('is nothing that the same build never does', async () => {
    const comparison = await judged(conversation(['"3"']), [conversation(['"1"']), conversation(['"1"'])]);
    expect(statuses(comparison)).toEqual(['field-changed /data new']);
    expect(comparison.verdict).toBe('different');
    expect(comparison.summary.noise).toMatchObject({ runs: 2, exchanges: 4, differing: 0 });
  });

  it('is no type, structure, listed value, error or missing answer, and each refusal has its reason', async () => {
    const refusals: [script: string, reason: string][] = [
      [conversation(['1']), 'type-changed is never noise'],
      [conversation(['{}']), 'type-changed is never noise'],
      [conversation(['"1"'], 'Blocked'), 'the schema lists the values of this place'],
      [
        conversation(['"1"']).replace('{"idTagInfo":{"status":"Accepted"}}', '!InternalError'),
        'result-to-error is never noise',
      ],
      [conversation(['"1"']).replace(',"data":"1"', ''), 'field-removed is never noise'],
      [
        conversation(['"1"'], 'Accepted', '< Reset {"type":"Soft"}\n> {"status":"Accepted"}'),
        'command-unexpected is never noise',
      ],
    ];
    for (const [script, reason] of refusals) {
      const { findings, summary, verdict } = await judged(script, [script]);
      expect(findings.map(({ status }) => status)).toEqual(['new']);
      expect(summary.noise?.refused).toEqual([{ finding: findings[0]!.id, reason }]);
      expect(verdict).toBe('different');
    }
  });

  it('is nothing that happens far more often than in the same build', async () => {
    const values = Array.from({ length: 20 }, () => '"1"');
    const drifting = (count: number) =>
      conversation(values.map((value, nth) => (nth < count ? '"2"' : value)));
    const [seldom, often] = [
      await judged(drifting(3), [drifting(1)], values),
      await judged(drifting(20), [drifting(1)], values),
    ];
    expect(statuses(seldom)).toEqual(['field-changed /data noise']);
    expect(statuses(often)).toEqual(['field-changed /data new']);
    expect(often.summary.noise?.refused[0]?.reason).toBe('seen 20 times, where noise explains at most 4');
  });
});

describe('a finding', () => {
  it('names the makes of the chargers that it was seen at, each once', async () => {
    const boot = (model: string, interval: number) =>
      `connect\n> BootNotification {"chargePointVendor":"V","chargePointModel":"${model}","firmwareVersion":"1.2"}\n< {"interval":${interval}}`;
    const all = (interval: number) =>
      ['A M2', 'B M1', 'C M2']
        .map((one) => one.split(' ') as [string, string])
        .map(([name, model]) => `session ${name}\n${boot(model, interval)}`)
        .join('\n');
    const before = scripted(all(1));
    for (const session of before.contents.sessions) {
      const model = session.identity === 'B' ? 'M1' : 'M2';
      Object.assign(session, { vendor: 'V', model, firmware: '1.2' });
    }
    const { findings } = await compareRecordings(before, runOf(before, all(2)));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.vendors).toEqual([
      { vendor: 'V', model: 'M1', firmware: '1.2' },
      { vendor: 'V', model: 'M2', firmware: '1.2' },
    ]);
  });
});
