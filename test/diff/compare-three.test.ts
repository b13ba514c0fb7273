import { describe, expect, it } from 'vitest';
import { compareThree } from '../../src/diff/compare-three.ts';
import { exitCodeOf } from '../../src/diff/exit-code.ts';
import { runOf, scripted } from '../support/session-script.ts';

/** What a CSMS says to one charger. */
interface Answers {
  interval?: number;
  status?: string;
  tags?: readonly string[];
  data?: string;
  vendor?: string;
  /** A command after the boot. */
  command?: string;
}

const session = (answers: Answers): string => {
  const { interval = 300, status = 'Accepted', tags = [], data = '"d"', vendor = '{}', command } = answers;
  return `
session CP-1
connect
> BootNotification {"chargePointVendor":"V","chargePointModel":"M"}
< {"status":"Accepted","interval":${interval}}
${command ? `< ${command}\n> {"status":"Accepted"}` : ''}
> StatusNotification {"connectorId":1,"errorCode":"NoError","status":"Available"}
< {}
${['one', ...tags].map((_, nth) => `> Authorize {"idTag":"T${nth}"}\n< {"idTagInfo":{"status":"${nth === 0 ? status : tags[nth - 1]}"}}`).join('\n')}
> DataTransfer {"vendorId":"v"}
< {"status":"Accepted","data":${data}}
> Vendor {}
< ${vendor}
charger close 1000
`;
};

async function compared(recorded: Answers, old: Answers, next: Answers) {
  const recording = scripted(session(recorded));
  const oldRun = runOf(recording, session(old), { uuid: 'old' });
  return compareThree(recording, oldRun, runOf(recording, session(next), { uuid: 'new' }));
}

async function classes(recorded: Answers, old: Answers, next: Answers): Promise<string[]> {
  const { findings } = await compared(recorded, old, next);
  return findings.map(({ class: build, kind, action, path }) => `${build} ${kind} ${action} ${path}`.trim());
}

describe('an old build and a new one', () => {
  it('that differ alike from the recording are the same: it is their environment', async () => {
    const staging: Answers = { interval: 60, status: 'Blocked', data: '5', command: 'Reset {"type":"Soft"}' };
    const comparison = await compared({}, staging, staging);
    expect(comparison.findings.map((finding) => finding.class)).toEqual(Array(4).fill('environment'));
    expect(comparison.summary.classes).toEqual({ new: 0, environment: 4, fixed: 0 });
    expect([comparison.verdict, exitCodeOf(comparison)]).toEqual(['same', 0]);
    expect(comparison.against?.uuid).toBe('old');
  });

  it('differ where only the new one differs from the recording', async () => {
    expect(await classes({}, {}, { status: 'Blocked' })).toEqual([
      'new field-changed Authorize /idTagInfo/status',
    ]);
    expect(await classes({}, {}, { vendor: '!InternalError' })).toEqual(['new result-to-error Vendor']);
  });

  it('differ where both differ from the recording, each in its own way', async () => {
    expect(await classes({}, { interval: 60 }, { interval: 10 })).toEqual([
      'new field-changed BootNotification /interval',
    ]);
    expect(await classes({}, { vendor: '!InternalError' }, { vendor: '!NotSupported' })).toEqual([
      'environment result-to-error Vendor',
      'new error-code Vendor',
    ]);
    expect(await classes({}, { status: 'Blocked' }, { status: 'Expired' })).toEqual([
      'new field-changed Authorize /idTagInfo/status',
    ]);
  });

  it('differ in a command that only the new one sends', async () => {
    expect(await classes({}, {}, { command: 'Reset {"type":"Hard"}' })).toEqual([
      'new command-unexpected Reset',
    ]);
  });

  it('do not differ for the worse where only the old one differs from the recording', async () => {
    const comparison = await compared({}, { status: 'Blocked' }, {});
    expect(comparison.findings).toMatchObject([
      { class: 'fixed', baseline: 'Accepted', candidate: 'Blocked' },
    ]);
    expect(comparison.findings[0]?.examples[0]).not.toHaveProperty('candidateFrame');
    expect(exitCodeOf(comparison)).toBe(0);
  });

  it('keep apart at one place what the environment changed and what the new build did', async () => {
    const tags = ['Accepted', 'Accepted'];
    const old: Answers = { tags: ['Blocked', 'Accepted'] };
    const found = await compared({ tags }, old, { tags: ['Blocked', 'Expired'] });
    expect(found.findings.map(({ class: build, candidate }) => `${build} ${candidate}`).sort()).toEqual([
      'environment Blocked',
      'new Expired',
    ]);
  });

  it('are told apart where the environment differs in 200 places and the builds in 3, at the same places too', async () => {
    const names = Array.from({ length: 50 }, (_, nth) => `CP-${nth}`);
    const fleet = (answersOf: (nth: number) => Answers) =>
      names.map((name, nth) => session(answersOf(nth)).replace('CP-1', name)).join('');
    const staging: Answers = { interval: 60, status: 'Blocked', data: '5', command: 'Reset {"type":"Soft"}' };
    const changes = new Map<number, Answers>([
      [7, { interval: 30 }],
      [20, { vendor: '!InternalError' }],
      [33, { command: 'Reset {"type":"Hard"}' }],
    ]);
    const recording = scripted(fleet(() => ({})));
    const oldRun = runOf(
      recording,
      fleet(() => staging),
      { uuid: 'old' },
    );
    const same = await compareThree(
      recording,
      oldRun,
      runOf(
        recording,
        fleet(() => staging),
        { uuid: 'new' },
      ),
    );
    expect(exitCodeOf(same)).toBe(0);
    expect(same.findings.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    const next = runOf(
      recording,
      fleet((nth) => ({ ...staging, ...changes.get(nth) })),
      { uuid: 'new' },
    );
    const comparison = await compareThree(recording, oldRun, next);
    const found = comparison.findings.filter((finding) => finding.class === 'new');
    expect(found.map(({ kind, action, sessions }) => [kind, action, ...sessions].join(' ')).sort()).toEqual([
      'command-changed Reset /ocpp/CP-33',
      'field-changed BootNotification /ocpp/CP-7',
      'result-to-error Vendor /ocpp/CP-20',
    ]);
    expect(exitCodeOf(comparison)).toBe(1);
  });

  it('do not blame the new one for doing in some sessions what the recording does', async () => {
    const fleet = (...answers: Answers[]) =>
      answers.map((one, nth) => session(one).replace('CP-1', `CP-${nth}`)).join('');
    const recording = scripted(fleet({}, {}));
    const oldRun = runOf(recording, fleet({ interval: 60 }, { interval: 60 }), { uuid: 'old' });
    const next = runOf(recording, fleet({ interval: 60 }, {}), { uuid: 'new' });
    expect(exitCodeOf(await compareThree(recording, oldRun, next))).toBe(0);
  });
});
