import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chargetape, shellEnvironment } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const captures = resolve(import.meta.dirname, '../../fixtures/captures');
const CAPTURE = join(captures, 'ocpp-ts-cp__mobilityhouse.jsonl');

/** Expects one clear line that begins with the code, the documented exit code, and no stack trace. */
async function expectError(
  args: string[],
  exit: number,
  code: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { code: exitCode, stderr } = await chargetape(args, { env });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(new RegExp(`^error ${code}: `));
  expect(exitCode).toBe(exit);
  return stderr;
}

/** A small recording, imported from a capture. */
async function recording(folder: string): Promise<string> {
  const out = join(folder, 'baseline.db');
  const imported = await chargetape(['import', CAPTURE, '--out', out]);
  expect(imported.code, imported.stderr).toBe(0);
  return out;
}

describe('bad input', () => {
  it('refuses a file that is no database', async () => {
    const file = join(temporaryFolder(), 'not.db');
    writeFileSync(file, 'no database '.repeat(1000));
    for (const args of [
      ['list', file],
      ['show', file, 'X'],
      ['diff', file, file],
      ['replay', file, '--target', 'ws://127.0.0.1:9'],
    ]) {
      await expectError(args, 3, 'NOT_A_RECORDING');
    }
    expect(readFileSync(file, 'utf8')).toBe('no database '.repeat(1000));
  });

  it('refuses a database of another program', async () => {
    const file = join(temporaryFolder(), 'other.db');
    new Database(file).exec('CREATE TABLE t (x)').close();
    await expectError(['list', file], 3, 'NOT_A_RECORDING');
  });

  it('refuses an empty file', async () => {
    const file = join(temporaryFolder(), 'empty.db');
    writeFileSync(file, '');
    await expectError(['list', file], 3, 'NOT_A_RECORDING');
    expect(statSync(file).size).toBe(0);
  });

  it('has nothing to replay or compare in a recording without sessions', async () => {
    const file = await recording(temporaryFolder());
    const database = new Database(file);
    database.exec('DELETE FROM session');
    database.close();
    await expectError(['replay', file, '--target', 'ws://127.0.0.1:9'], 3, 'EMPTY_RECORDING');
    await expectError(['diff', file, file], 3, 'EMPTY_RECORDING');
  });

  it('refuses a recording of a newer format', async () => {
    const file = await recording(temporaryFolder());
    const database = new Database(file);
    database.pragma('user_version = 999');
    database.close();
    await expectError(['list', file], 3, 'NEWER_FORMAT');
  });

  it('refuses a recording cut short', async () => {
    const file = await recording(temporaryFolder());
    truncateSync(file, Math.floor(statSync(file).size / 2));
    const { code, stderr } = await chargetape(['replay', file, '--target', 'ws://127.0.0.1:9']);
    expect(stderr).toMatch(/^error (UNREADABLE|NOT_A_RECORDING): /);
    expect(code).toBe(3);
  });

  it('refuses a recording with a cell that nobody wrote so', async () => {
    const file = await recording(temporaryFolder());
    const database = new Database(file);
    database.prepare(`UPDATE frame SET fragments = '['`).run();
    database.close();
    await expectError(['show', file, '1', '--json'], 3, 'UNREADABLE');
    await expectError(['diff', file, file], 3, 'UNREADABLE');
  });

  it('refuses a file that does not exist', async () => {
    await expectError(['list', join(temporaryFolder(), 'none.db')], 2, 'NO_SUCH_FILE');
  });

  it('refuses a session that the recording does not hold', async () => {
    const file = await recording(temporaryFolder());
    await expectError(['show', file, 'NOBODY'], 2, 'NO_SUCH_SESSION');
    await expectError(
      ['replay', file, '--target', 'ws://127.0.0.1:9', '--session', 'NOBODY*'],
      2,
      'NO_SUCH_SESSION',
    );
    await expectError(['cut', file, '--out', `${file}.cut`, '--session', 'NOBODY'], 2, 'NO_SUCH_SESSION');
    expect(existsSync(`${file}.cut`)).toBe(false);
  });

  it('refuses a port in use and leaves no file behind', async () => {
    const folder = temporaryFolder();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const out = join(folder, 'x.db');
    const args = ['record', '--upstream', 'ws://127.0.0.1:9', '--listen', `127.0.0.1:${port}`, '--out', out];
    expect(await expectError(args, 2, 'PORT_IN_USE')).toContain(String(port));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a port in use wherever it listens', async () => {
    const folder = temporaryFolder();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const out = ['--out', join(folder, 'x.db')];
    const address = `127.0.0.1:${port}`;
    const record = ['record', '--upstream', 'ws://127.0.0.1:9', '--listen', '127.0.0.1:0', ...out];
    const charge = ['charge', '--target', 'ws://127.0.0.1:9', '--profile', 'abb-terra-ac', ...out];
    await expectError([...record, '--admin', address], 2, 'PORT_IN_USE');
    await expectError([...charge, '--api', address], 2, 'PORT_IN_USE');
    await expectError(['demo', '--serve', String(port)], 2, 'PORT_IN_USE');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses what only looks like an address, and would lock out or leave out everybody', async () => {
    const folder = temporaryFolder();
    const record = ['record', '--upstream', 'ws://127.0.0.1:9', '--out', join(folder, 'x.db')];
    for (const flags of [
      ['--allow', '10.0.0.0/99'],
      ['--deny', 'fe80::/129'],
      ['--allow', ''],
      ['--record-only', '200%'],
    ])
      await expectError([...record, ...flags], 2, 'USAGE');
    const charge = ['charge', '--target', 'ws://127.0.0.1:9', '--profile', 'abb-terra-ac'];
    await expectError([...charge, '--local-address', '203.0.113.9'], 2, 'USAGE');
  });

  it.each(['nonsense', 'ftp://host', 'ws://', 'ws://host:99999', 'ws://host/path?query'])(
    'refuses %s as the upstream',
    async (url) => {
      const out = join(temporaryFolder(), 'x.db');
      await expectError(['record', '--upstream', url, '--out', out], 2, 'BAD_URL');
      expect(existsSync(out)).toBe(false);
    },
  );

  it('refuses certificates that make no TLS, and flags that do not go together', async () => {
    const folder = temporaryFolder();
    const record = ['record', '--upstream', 'wss://127.0.0.1:9', '--out', join(folder, 'x.db')];
    const bad = join(folder, 'bad.pem');
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await expectError([...record, '--upstream-ca', join(folder, 'none.pem')], 2, 'NO_SUCH_FILE');
    writeFileSync(bad, 'no PEM');
    expect(await expectError([...record, '--upstream-ca', bad], 2, 'BAD_CERTIFICATE')).toContain('bad.pem');
    writeFileSync(bad, pem);
    await expectError([...record, '--tls-cert', bad, '--tls-key', bad], 2, 'BAD_CERTIFICATE');
    await expectError([...record, '--tls-cert', bad], 2, 'USAGE');
    await expectError([...record, '--client-ca', bad], 2, 'USAGE');
    await expectError([...record, '--trusted-proxies', 'somewhere'], 2, 'USAGE');
    await expectError([...record, '--max-connections', '1000000000'], 2, 'OPEN_FILES');
    expect(readdirSync(folder)).toEqual(['bad.pem']);
  });

  it('refuses a bad listening address', async () => {
    const out = join(temporaryFolder(), 'x.db');
    await expectError(
      ['record', '--upstream', 'ws://127.0.0.1:9', '--listen', 'here', '--out', out],
      2,
      'BAD_ADDRESS',
    );
  });

  it('never overwrites a recording', async () => {
    const file = await recording(temporaryFolder());
    const before = readFileSync(file);
    await expectError(['import', CAPTURE, '--out', file], 2, 'OUT_EXISTS');
    await expectError(
      ['record', '--upstream', 'ws://127.0.0.1:9', '--listen', '127.0.0.1:0', '--out', file],
      2,
      'OUT_EXISTS',
    );
    await expectError(['cut', file, '--out', file], 2, 'OUT_EXISTS');
    await expectError(['replay', file, '--target', 'ws://127.0.0.1:9', '--out', file], 2, 'OUT_EXISTS');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('refuses a folder that does not exist', async () => {
    const out = join(temporaryFolder(), 'nowhere/x.db');
    await expectError(
      ['record', '--upstream', 'ws://127.0.0.1:9', '--listen', '127.0.0.1:0', '--out', out],
      2,
      'CANNOT_WRITE',
    );
  });

  it('refuses a capture cut short and leaves no file behind', async () => {
    const folder = temporaryFolder();
    const capture = join(folder, 'cut.jsonl');
    copyFileSync(CAPTURE, capture);
    copyFileSync(CAPTURE.replace('.jsonl', '.wire.log'), join(folder, 'cut.wire.log'));
    truncateSync(capture, statSync(capture).size - 40);
    await expectError(['import', capture, '--out', join(folder, 'x.db')], 3, 'TRUNCATED_CAPTURE');
    expect(readdirSync(folder).sort()).toEqual(['cut.jsonl', 'cut.wire.log']);
  });

  it('refuses a capture with a broken line, naming it', async () => {
    const folder = temporaryFolder();
    const capture = join(folder, 'bad.jsonl');
    const lines = readFileSync(CAPTURE, 'utf8').split('\n');
    writeFileSync(capture, [lines[0], 'not json', ...lines.slice(1)].join('\n'));
    copyFileSync(CAPTURE.replace('.jsonl', '.wire.log'), join(folder, 'bad.wire.log'));
    const stderr = await expectError(['import', capture, '--out', join(folder, 'x.db')], 3, 'BAD_CAPTURE');
    expect(stderr).toContain('bad.jsonl');
    expect(stderr).toContain('2');
  });

  it('refuses a folder in place of a file', async () => {
    const folder = temporaryFolder();
    const capture = join(folder, 'folder.jsonl');
    mkdirSync(capture);
    await expectError(['import', capture, '--out', join(folder, 'x.db')], 3, 'BAD_CAPTURE');
    await expectError(
      ['charge', '--target', 'ws://127.0.0.1:9', '--profile', capture, '--out', join(folder, 'x.db')],
      2,
      'BAD_PROFILE',
    );
    expect(readdirSync(folder)).toEqual(['folder.jsonl']);
  });

  it('accepts nothing until a day that is over, or that no calendar has', async () => {
    const folder = temporaryFolder();
    const from = join(folder, 'findings.json');
    const file = await recording(folder);
    const compared = await chargetape(['diff', file, file, '--output', `json=${from}`]);
    expect(compared.code).toBe(0);
    const rules = join(folder, 'rules.yaml');
    const place = ['--action', 'Authorize', '--path', '/idTagInfo'];
    const accept = ['accept', ...place, '--from', from, '--reason', 'x', '--rules', rules, '--expires'];
    await expectError([...accept, '2020-01-01'], 2, 'USAGE');
    await expectError([...accept, '2999-02-31'], 2, 'BAD_RULES');
    expect(existsSync(rules)).toBe(false);
  });

  it('refuses before a replay or a merge what would fail after it, and leaves no run behind', async () => {
    const folder = temporaryFolder();
    const file = await recording(folder);
    const before = readdirSync(folder);
    const replay = ['replay', file, '--target', 'ws://127.0.0.1:9', '--out', join(folder, 'run.db')];
    await expectError([...replay, '--output', `json=${folder}/none/x.json`], 2, 'CANNOT_WRITE');
    await expectError([...replay, '--output', `json=${folder}`], 2, 'CANNOT_WRITE');
    await expectError([...replay, '--no-diff', '--output', 'json=x.json'], 2, 'USAGE');
    await expectError([...replay, '--shard', '1/2', '--rules', 'x.yaml'], 2, 'USAGE');
    await expectError([...replay, '--from', '+5', '--to', '+5'], 2, 'USAGE');
    await expectError([...replay, '--clones', '1000000000'], 2, 'OPEN_FILES');
    await expectError([...replay, '--speed', '1e-300'], 2, 'USAGE');
    await expectError([...replay, '--setup', 'exit 3'], 2, 'SETUP_FAILED');
    const merge = ['merge', file, '--out', join(folder, 'run.db'), '--baseline'];
    await expectError([...merge, join(folder, 'none.db')], 2, 'NO_SUCH_FILE');
    await expectError([...merge, file, '--rules', join(folder, 'none.yaml')], 2, 'NO_SUCH_FILE');
    expect(readdirSync(folder)).toEqual(before);
  });

  it('refuses more virtual chargers than it may have sockets', async () => {
    const out = join(temporaryFolder(), 'x.db');
    const charge = ['charge', '--target', 'ws://127.0.0.1:9', '--profile', 'abb-terra-ac', '--out', out];
    await expectError([...charge, '--count', '1000000000'], 2, 'OPEN_FILES');
    expect(existsSync(out)).toBe(false);
  });

  it('says which argument is missing or unknown', async () => {
    await expectError(['list'], 2, 'USAGE');
    await expectError(['record'], 2, 'USAGE');
    await expectError(['nonsense'], 2, 'USAGE');
    await expectError(['list', 'x', '--nonsense'], 2, 'USAGE');
    await expectError(['list', 'x', '--jsonn'], 2, 'USAGE');
  });
});

describe('output that goes nowhere', () => {
  const piped = async (line: string) => {
    const shell = execFile('bash', ['-c', `set -o pipefail; ${line}`], { env: shellEnvironment() });
    const said = await shell.stderr!.toArray();
    return { code: shell.exitCode ?? (await once(shell, 'exit'))[0], stderr: said.join('') };
  };

  it('is one clear line when the disk is full, and the verdict all the same when a reader has seen enough', async () => {
    const folder = temporaryFolder();
    const file = await recording(folder);
    const other = join(folder, 'other.db');
    const capture = join(captures, 'microocpp-sim__mobilityhouse.jsonl');
    await chargetape(['import', capture, '--out', other]);
    for (const command of [`list ${file}`, `diff ${file} ${file}`, '--help']) {
      const { code, stderr } = await piped(`chargetape ${command} > /dev/full`);
      expect(stderr).toMatch(/^error CANNOT_WRITE: .*\n$/);
      expect(code).toBe(2);
    }
    expect(await piped(`chargetape list ${file} | true`)).toEqual({ code: 0, stderr: '' });
    const { code } = await chargetape(['diff', file, other]);
    expect(code).not.toBe(0);
    expect(await piped(`chargetape diff ${file} ${other} | true`)).toEqual({ code, stderr: '' });
  });

  it('is told where no folder can be made', async () => {
    const folder = temporaryFolder();
    const file = await recording(folder);
    writeFileSync(join(folder, 'recordings'), 'no folder');
    const replay = ['replay', file, '--target', 'ws://127.0.0.1:9'];
    const { code, stderr } = await chargetape(replay, { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error CANNOT_WRITE: .*\n$/)]);
    const old = resolve(captures, '../formats/v1.db');
    await expectError(['list', old], 2, 'CANNOT_WRITE', { TMPDIR: join(folder, 'none') });
  });
});

describe('a report', () => {
  it('goes where a link leads, and into what is no file, and replaces neither', async () => {
    const folder = temporaryFolder();
    const file = await recording(folder);
    const [report, link, pipe] = ['report.json', 'link.json', 'pipe'].map((name) => join(folder, name));
    writeFileSync(report!, 'old');
    symlinkSync('report.json', link!);
    execFileSync('mkfifo', [pipe!]);
    const reader = execFile('cat', [pipe!]);
    const read = reader.stdout!.toArray();
    const output = [`json=${link}`, `text=${pipe}`].flatMap((one) => ['--output', one]);
    const { code, stderr } = await chargetape(['diff', file, file, ...output]);
    expect(code, stderr).toBe(0);
    expect((await read).join('')).toContain('SAME');
    expect(JSON.parse(readFileSync(report!, 'utf8')).verdict).toBe('same');
    expect(lstatSync(link!).isSymbolicLink()).toBe(true);
    expect(lstatSync(pipe!).isFIFO()).toBe(true);
  });
});

describe('a target that might be production', () => {
  it('is refused unless it is allowed', async () => {
    const file = await recording(temporaryFolder());
    await expectError(['replay', file, '--target', 'ws://192.0.2.1:8180'], 2, 'TARGET_REFUSED');
  });

  it('is refused when it is the recording’s own upstream, though it is allowed', async () => {
    const file = await recording(temporaryFolder());
    const database = new Database(file);
    database.prepare('UPDATE recording SET upstream = ?').run('ws://192.0.2.1:8180');
    database.close();
    const args = ['replay', file, '--target', 'ws://192.0.2.1:8180', '--allow-target', '192.0.2.1'];
    expect(await expectError(args, 2, 'TARGET_REFUSED')).toContain('192.0.2.1');
    await expectError(args.slice(0, 4), 2, 'TARGET_REFUSED', { CHARGETAPE_TARGETS: '192.0.2.1:8180' });
  });

  it('has no use for a shifted clock at another speed', async () => {
    const file = await recording(temporaryFolder());
    await expectError(
      ['replay', file, '--target', 'ws://127.0.0.1:9', '--speed', '10', '--time', 'shift'],
      2,
      'USAGE',
    );
  });
});
