import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { commandLine } from '../src/cli/program.ts';
import { BINARY } from './support/binary.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const folder = resolve(import.meta.dirname, '../fixtures/deploy');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const NO_SYSTEMD = has('systemd-analyze') ? null : 'needs systemd-analyze';

function has(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`]);
    return true;
  } catch {
    return false;
  }
}

/** The options that this command line gives to `record`, as commander reads it; throws for one that does not exist. */
async function optionsOf(words: string[]): Promise<Record<string, unknown>> {
  const program = await commandLine(async () => {});
  const record = program.commands.find((command) => command.name() === 'record');
  if (!record) throw new Error('no record');
  record.exitOverride().configureOutput({ writeErr: () => {} });
  record.action(() => {});
  await record.parseAsync(words, { from: 'user' });
  return record.opts();
}

describe('the systemd unit', () => {
  const [, ...words] = /^ExecStart=\S+ (.*)$/m.exec(read('chargetape@.service'))?.[1]?.split(' ') ?? [];

  it('starts a recorder with options that exist, and gives the drain the time it may take', async () => {
    const { drainTimeout, drainRate, retain } = await optionsOf(
      words.map((word) => word.replace(/^\$\{ADMIN\}$/, '127.0.0.1:9100')),
    );
    expect([drainRate, retain]).toEqual([20, 30 * 86_400e6]);
    const minutes = Number(/^TimeoutStopSec=(\d+)min$/m.exec(read('chargetape@.service'))?.[1]);
    expect(minutes * 60e6).toBeGreaterThan(Number(drainTimeout));
  });

  it.skipIf(NO_SYSTEMD)(`passes systemd-analyze verify (${NO_SYSTEMD ?? 'found'})`, () => {
    const copy = temporaryFolder();
    const service = read('chargetape@.service').replace(
      '/opt/chargetape/node_modules/.bin/chargetape',
      BINARY,
    );
    const files = [join(copy, 'chargetape@.service'), join(copy, 'chargetape.socket')];
    writeFileSync(files[0]!, service);
    writeFileSync(files[1]!, read('chargetape.socket'));
    const unit = join(copy, 'chargetape@blue.service');
    writeFileSync(unit, service);
    const said = execFileSync(
      'sh',
      ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', unit, files[1]!],
      {
        env: { ...process.env, SYSTEMD_UNIT_PATH: `${copy}:` },
        encoding: 'utf8',
      },
    );
    expect(said.split('\n').filter((line) => line.includes('chargetape'))).toEqual([]);
  });
});

describe('the Kubernetes manifest', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const { spec } = documents.find(({ kind }) => kind === 'StatefulSet').spec.template;
  const [container] = spec.containers;

  it('starts a recorder with options that exist', async () => {
    const [command, ...words] = container.args;
    expect(command).toBe('record');
    const { listen, admin, drainTimeout } = await optionsOf(words);
    const ports = Object.fromEntries(
      container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [
        name,
        containerPort,
      ]),
    );
    expect([listen, admin]).toEqual([`0.0.0.0:${ports.chargers}`, `0.0.0.0:${ports.admin}`]);
    expect(spec.terminationGracePeriodSeconds * 1e6).toBeGreaterThan(Number(drainTimeout));
  });

  it('asks for liveness and readiness of the traffic, never of the recording', () => {
    expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'admin' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
    expect(spec.securityContext.runAsNonRoot).toBe(true);
  });
});

describe('the Dockerfile', () => {
  it('runs as a user that is not root, from what the build makes', () => {
    const lines = read('Dockerfile').split('\n');
    expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER 1000:1000');
    const main = JSON.parse(readFileSync(resolve(folder, '../../package.json'), 'utf8')).bin.chargetape;
    expect(lines.find((line) => line.startsWith('ENTRYPOINT'))).toContain(`/opt/chargetape/${main}`);
  });
});
