import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellEnvironment, startRecorder } from '../support/binary.ts';
import { recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestCsms } from '../support/test-csms.ts';

const OCPP = resolve(import.meta.dirname, '../../node_modules/.bin/ocpp');

interface SuiteReport {
  testResults: { name: string; passed: boolean; severity: string }[];
}

/** Runs the whole compliance suite of ocpp-ws-cli against a CSMS and returns what it found. */
async function suite(url: string, folder: string): Promise<SuiteReport['testResults']> {
  const args = ['test', '-e', `${url}/ocpp`, '-i', 'CP1', '-p', 'ocpp1.6', '--suite', 'all'];
  const child = spawn(OCPP, [...args, '--report', 'json', '--report-dir', folder], {
    env: shellEnvironment(),
    stdio: 'ignore',
  });
  await once(child, 'close');
  const [report = ''] = readdirSync(folder);
  const { testResults } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as SuiteReport;
  return testResults.map(({ name, passed, severity }) => ({ name, passed, severity }));
}

describe('the compliance suite of ocpp-ws-cli', () => {
  it('finds through the recorder what it finds without it', async () => {
    const csms = await startTestCsms({});
    const file = join(temporaryFolder(), 'suite.db');
    const recorder = await startRecorder(csms.url, file);
    const [direct, recorded] = await Promise.all([
      suite(csms.url, temporaryFolder()),
      suite(recorder.url, temporaryFolder()),
    ]);
    await recorder.stop();
    await csms.close();
    expect(direct.length).toBeGreaterThan(15);
    expect(recorded).toEqual(direct);
    expect(Number(recordedValue(file, 'SELECT count(*) FROM connection'))).toBeGreaterThan(50);
    expect(recordedValue(file, 'SELECT count(*) FROM gap')).toBe(0);
  });
});

const NOTES = new URL('../support/fuzz-notes.mjs', import.meta.url).pathname;
const ANOMALIES = 400;

/** Runs the fuzzer of ocpp-ws-cli, with choices of a seed, and returns what each kind of anomaly was answered with. */
async function fuzz(url: string, folder: string): Promise<Record<string, string[]>> {
  const notes = join(folder, 'notes.json');
  const child = spawn(OCPP, ['fuzz', '-e', `${url}/ocpp`, '-w', '1', '--flood', '--report', 'json'], {
    cwd: folder,
    env: shellEnvironment({
      NODE_OPTIONS: `--import ${NOTES}`,
      FUZZ_SENDS: String(ANOMALIES),
      FUZZ_NOTES: notes,
    }),
    stdio: 'ignore',
  });
  await once(child, 'close');
  return JSON.parse(readFileSync(notes, 'utf8'));
}

describe('the fuzzer of ocpp-ws-cli', () => {
  it('is answered through the recorder as it is without it, and all its anomalies are on record', async () => {
    const csms = await startTestCsms({});
    const file = join(temporaryFolder(), 'fuzz.db');
    const recorder = await startRecorder(csms.url, file);
    const [direct, recorded] = await Promise.all([
      fuzz(csms.url, temporaryFolder()),
      fuzz(recorder.url, temporaryFolder()),
    ]);
    await recorder.stop();
    await csms.close();
    expect(Object.keys(direct).length).toBeGreaterThan(20);
    expect(Object.values(direct).flat()).toContain('4 NotImplemented');
    expect(recorded).toEqual(direct);
    const sent = "SELECT count(*) FROM frame WHERE sender = 'charger' AND opcode = 1";
    expect(recordedValue(file, sent)).toBe(ANOMALIES);
    expect(recordedValue(file, 'SELECT count(*) FROM gap')).toBe(0);
  });
});
