import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape, type Finished, startRecorder } from '../support/binary.ts';
import type { ChargerLog } from '../support/csms-judge.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { rpcClient } from '../support/rpc-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

let work = '';
let recording = '';
const cleanUps: (() => void)[] = [];

/** Records a charger in mid-life: transaction 4711 runs already, a vendor message names it, and half a second passes. */
beforeAll(async () => {
  work = temporaryFolder((cleanUp) => cleanUps.push(cleanUp));
  recording = join(work, 'capture.db');
  const csms = await startTestCsms();
  const recorder = await startRecorder(csms.url, recording);
  const client = rpcClient({ endpoint: recorder.url, identity: 'CP1' });
  await client.connect();
  const timestamp = new Date().toISOString();
  await client.call('MeterValues', { connectorId: 1, transactionId: 4711, meterValue: [] });
  await client.call('DataTransfer', { vendorId: 'EVB', data: '1;4711' });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await client.call('StopTransaction', { transactionId: 4711, idTag: 'TAG', meterStop: 5, timestamp });
  await client.close();
  await recorder.stop();
  await csms.close();
});

afterAll(() => {
  for (const cleanUp of cleanUps) cleanUp();
});

async function replayed(name: string, args: string[]): Promise<Finished & { log: ChargerLog; run: string }> {
  const csms = await startTestCsms();
  const run = join(work, `${name}.db`);
  const finished = await chargetape([
    ...['replay', recording, '--target', csms.url, '--out', run, '--no-cleanup', '--preamble', 'none'],
    ...['--no-diff', '--wait', '3', '--json', ...args],
  ]);
  const [log] = csms.judgement();
  await csms.close();
  return { ...finished, log: log ?? ({ calls: [] } as unknown as ChargerLog), run };
}

const idsOf = ({ calls }: ChargerLog) => calls.map(({ action, payload }) => [action, payload.transactionId]);

describe.concurrent('flags of replay', () => {
  it('--orphan-transactions start begins a running transaction first, and the CSMS knows it', async () => {
    const { log, stdout, stderr, code } = await replayed('orphan', [
      '--orphan-transactions',
      'start',
      '--speed',
      'max',
    ]);
    expect(code, stderr).toBe(0);
    const [id] = log.transactions.map((one) => one.id);
    expect(idsOf(log)).toEqual([
      ['StartTransaction', undefined],
      ['MeterValues', id],
      ['DataTransfer', undefined],
      ['StopTransaction', id],
    ]);
    expect(log.violations).toEqual([]);
    expect(JSON.parse(stdout).departures).toMatchObject([{ kind: 'orphan-started', count: 1 }]);
  });

  it('--orphan-transactions skip leaves it out, and says so', async () => {
    const args = ['--orphan-transactions', 'skip', '--speed', 'max'];
    const { log, run, code } = await replayed('orphan-skip', args);
    expect(idsOf(log)).toEqual([['DataTransfer', undefined]]);
    expect(code).toBe(0);
    expect(recordedValue(run, 'SELECT kind || not_sent FROM departure')).toBe('orphan-skipped2');
  });

  it('--max-gap cuts the pauses; no time lies in the future', async () => {
    const { log, run, code, stderr } = await replayed('gap', ['--max-gap', '0.2']);
    expect(code, stderr).toBe(0);
    const span = recordedValue(
      run,
      "SELECT (max(mono_us) - min(mono_us)) / 1000 FROM frame WHERE sender = 'charger'",
    );
    expect(span).toBeLessThan(2_000);
    const stop = log.calls.find(({ action }) => action === 'StopTransaction');
    expect(Date.parse(String(stop?.payload.timestamp))).toBeLessThanOrEqual(Date.now());
  });

  it('--max-gap makes a dry run shorter', async () => {
    const duration = async (...args: string[]) => {
      const { stdout } = await chargetape(['replay', recording, '--dry-run', '--json', ...args]);
      return JSON.parse(stdout).durationUs as number;
    };
    expect(await duration('--max-gap', '0.2')).toBeLessThan((await duration()) - 2_000_000);
  });

  it('--time shift does not go with --max-gap', async () => {
    const { code, stderr } = await replayed('shift', ['--max-gap', '1', '--time', 'shift']);
    expect(code).toBe(2);
    expect(stderr).toContain('USAGE');
  });

  it('--hook rewrites vendor data by a module in TypeScript', async () => {
    const hook = join(work, 'hook.ts');
    writeFileSync(
      hook,
      `export function onSend(message: string, { action, liveId }: { action: string; liveId(idClass: string, id: number): string | null }) {
        return action === 'DataTransfer' ? message.replace('1;4711', '1;' + liveId('transactionId', 4711)) : undefined;
      }`,
    );
    const args = ['--hook', hook, '--speed', 'max', '--orphan-transactions', 'start'];
    const { log, code, stderr } = await replayed('hook', args);
    expect(code, stderr).toBe(0);
    const [transaction] = log.transactions;
    const sent = log.calls.find(({ action }) => action === 'DataTransfer');
    expect(sent?.payload.data).toBe(`1;${transaction?.id}`);
  });

  it('--hook that fails makes the session incomplete, with the reason', async () => {
    const hook = join(work, 'bad-hook.mjs');
    writeFileSync(hook, "export const onSend = () => { throw new Error('out of ideas'); };");
    const { code, stdout } = await replayed('bad-hook', ['--hook', hook, '--speed', 'max']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).incomplete[0].reason).toBe('The hook failed at MeterValues: out of ideas.');
  });

  it.each([
    ['is not there', 'nowhere.mjs', '', 'NO_SUCH_FILE'],
    ['is no JavaScript', 'syntax.mjs', 'export function (', 'BAD_HOOK'],
    ['exports nothing of use', 'empty.mjs', 'export const onsend = 1;', 'BAD_HOOK'],
  ])('--hook with a file that %s is refused with exit 2', async (_, name, text, error) => {
    const hook = join(work, name);
    if (text !== '') writeFileSync(hook, text);
    const { code, stderr, log } = await replayed(name, ['--hook', hook]);
    expect(stderr).toContain(error);
    expect(code).toBe(2);
    expect(log.calls).toEqual([]);
  });
});
