import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ChargetapeError } from '../../src/errors.ts';
import { type DriverGround, drive, serverOf } from '../../src/replay/command-driver.ts';
import type { Driver } from '../../src/replay/command-file.ts';

const TOKEN = 'canary+token';
const TOKEN_PLACE = `\${env:TOKEN}`;

/** What comes of driving a command so, with these values. */
function driven(driver: Driver, more: Partial<DriverGround> = {}): Promise<string | null> {
  const ground = {
    drivers: new Map([['Reset', driver]]),
    env: { TOKEN },
    timeoutMs: 5_000,
    guard: async () => {},
    ...more,
  };
  return drive(ground, 'Reset', { identity: 'CP/1', type: 'Hard', id: 9007199254740993n, run: 'RUN' });
}

/** A server for one test; gives its URL. */
async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((incoming, response) => void answer(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const request = (url: string, more: object = {}): Driver => ({
  ...{ kind: 'request', method: 'POST', url, headers: {}, body: null },
  ...more,
});
const node = (script: string, ...words: string[]): Driver => {
  return { kind: 'run', argv: [process.execPath, '-e', script, ...words] };
};

describe('a request', () => {
  it('has everything filled in, each in the manner of its place', async () => {
    const seen: unknown[] = [];
    const url = await serving(async (incoming, response) => {
      const { method, url: path, headers } = incoming;
      expect(headers['x-chargetape-run']).toBe('RUN');
      seen.push(method, path, headers.authorization, headers['content-type'], await text(incoming));
      response.end();
    });
    const failure = await driven(
      request(`${url}/\${identity}/reset?kind=\${type}`, {
        headers: { Authorization: `Bearer ${TOKEN_PLACE}` },
        body: { id: `\${id}`, why: `\${type} reset` },
      }),
    );
    expect(failure).toBeNull();
    expect(seen).toEqual([
      'POST',
      '/CP%2F1/reset?kind=Hard',
      `Bearer ${TOKEN}`,
      'application/json',
      '{"id":9007199254740993,"why":"Hard reset"}',
    ]);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      'an error',
      (response) => response.writeHead(500).end(`no ${TOKEN}`),
      /answered 500 \(no \[redacted\]\)$/,
    ],
    ['a redirect', (response) => response.writeHead(302, { location: '/x' }).end(), /answered 302$/],
    ['a reset', (response) => response.destroy(), /\w/],
  ])('that is answered with %s is told, without secrets', async (_, answer, told) => {
    const url = await serving((_request, response) => answer(response));
    const failure = await driven(request(`${url}/a?token=${TOKEN_PLACE}`));
    expect(failure).toMatch(told);
    expect(failure).not.toMatch(/canary/);
  });

  it('that is not answered is given up', async () => {
    const url = await serving(() => {});
    expect(await driven(request(url), { timeoutMs: 50 })).toBe('it took too long');
  });

  it('to a host that is refused is not made', async () => {
    const calls: string[] = [];
    const url = await serving((incoming, response) => {
      calls.push(incoming.url ?? '');
      response.end();
    });
    const guard = async () => {
      throw new ChargetapeError('TARGET_REFUSED', 'Not this one.');
    };
    expect(await driven(request(url), { guard })).toBe('Not this one.');
    expect(calls).toEqual([]);
  });

  it('that names what is not there is not made', async () => {
    expect(await driven(request(`http://127.0.0.1:9/\${connectorId}`))).toBe(
      'there is no connectorId for it',
    );
    expect(await driven(request(`http://127.0.0.1:9/\${env:NOPE}`))).toBe('the environment has no NOPE');
  });

  it('goes to a server that is known beforehand, unless a value decides it', () => {
    const env = { API: 'http://10.0.0.1:81/x' };
    expect(serverOf(request(`\${env:API}/y`), env)?.host).toBe('10.0.0.1:81');
    expect(serverOf(request(`http://\${identity}.example/y`), env)).toBeNull();
    expect(serverOf(node(''), env)).toBeNull();
  });
});

describe('a program', () => {
  it('is given its words as they are, without a shell', async () => {
    const check = "process.exit(process.argv[1] === 'CP/1; exit 7' ? 0 : 1)";
    expect(await driven(node(check, `\${identity}; exit 7`))).toBeNull();
  });

  it('that fails is told with its last words, without secrets', async () => {
    const failing = 'process.stderr.write("bad " + process.argv[1]); process.exitCode = 3';
    expect(await driven(node(failing, TOKEN_PLACE))).toMatch(/ ended with 3 \(bad \[redacted\]\)$/);
  });

  it('that takes too long is killed', async () => {
    expect(await driven(node('setInterval(() => {}, 1000)'), { timeoutMs: 300 })).toMatch(
      / ended with SIGKILL$/,
    );
  });

  it('that does not exist is told', async () => {
    expect(await driven({ kind: 'run', argv: ['/no/such/program'] })).toContain('ENOENT');
  });
});
