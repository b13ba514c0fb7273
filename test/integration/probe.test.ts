import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/diff/finding.ts';
import { chargetape } from '../support/binary.ts';
import { startTestCsms } from '../support/test-csms.ts';

const capture = resolve(import.meta.dirname, '../../fixtures/captures/sap-simulator__ocpp-rpc.jsonl');
const work = mkdtempSync(join(tmpdir(), 'chargetape-probe-'));
const captured = join(work, 'captured.db');

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Replays the capture with a probe of charge records against a build that keeps them, or only says so. */
async function run(name: string, keepsRecords: boolean): Promise<string> {
  const csms = await startTestCsms({});
  const books = createServer((request, response) => {
    const id = Number(request.url?.split('/').at(-1));
    const stops = csms
      .judgement()
      .flatMap(({ calls }) => calls.filter(({ action }) => action === 'StopTransaction'));
    const stop = keepsRecords ? stops.find(({ payload }) => payload.transactionId === id) : undefined;
    response.statusCode = stop ? 200 : 404;
    response.end(stop ? JSON.stringify({ transactionId: id, meterStop: stop.payload.meterStop }) : '');
  }).listen(0, '127.0.0.1');
  await once(books, 'listening');
  const url = `http://127.0.0.1:${(books.address() as AddressInfo).port}/records/\${transactionId}`;
  const probes = join(work, `${name}.json`);
  writeFileSync(probes, JSON.stringify({ record: { after: 'StopTransaction', request: { url } } }));
  const out = join(work, `${name}.db`);
  const args = ['--speed', 'max', '--wait', '3', '--no-diff', '--out', out, '--probe', probes];
  const finished = await chargetape(['replay', captured, '--target', csms.url, ...args]);
  expect(finished.code, finished.stdout + finished.stderr).toBe(0);
  books.closeAllConnections();
  books.close();
  await csms.close();
  return out;
}

describe('replay --probe', () => {
  let [first, same, lossy] = ['', '', ''];
  beforeAll(async () => {
    await chargetape(['import', capture, '--out', captured]);
    [first, same, lossy] = await Promise.all([run('first', true), run('same', true), run('lossy', false)]);
  });

  it('sees the same in two runs against a build that keeps its charge records', async () => {
    const { code, stdout } = await chargetape(['diff', first, same, '--json']);
    expect(JSON.parse(stdout).findings).toEqual([]);
    expect(code).toBe(0);
  });

  it('catches a build that answers every StopTransaction {} and stores none of them', async () => {
    const { code, stdout } = await chargetape(['diff', first, lossy, '--json']);
    const findings: Finding[] = JSON.parse(stdout).findings;
    expect(
      findings.map(({ kind, action, path, baseline, candidate }) => [
        kind,
        action,
        path,
        baseline,
        candidate,
      ]),
    ).toEqual([['field-changed', 'probe:record', '/status', 200, 404]]);
    expect(code).toBe(1);
  });

  it('refuses a file that it cannot read, before anything is dialled', async () => {
    const probes = join(work, 'bad.json');
    writeFileSync(probes, '{"x":{"after":"Reset","run":["true"]}}');
    const { code, stderr } = await chargetape([
      'replay',
      captured,
      '--target',
      'ws://127.0.0.1:1',
      '--probe',
      probes,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error BAD_PROBES: .*"Reset" is no call of a charger/);
  });
});
