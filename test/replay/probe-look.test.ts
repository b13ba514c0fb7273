import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { look } from '../../src/replay/probe-look.ts';

const ground = { env: { TOKEN: 'secret-token' }, timeoutMs: 5_000, guard: async () => {} };

async function server(answer: RequestListener): Promise<string> {
  const http = createServer(answer).listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const get = (url: string) => ({ kind: 'request', method: 'GET', url, headers: {}, body: null }) as const;

it('keeps status and JSON of an answer, whatever the status, with big numbers exact', async () => {
  const url = await server((request, response) => {
    response.statusCode = request.url === '/7' ? 200 : 404;
    response.end(request.url === '/7' ? '{"id":9223372036854775807}' : 'not here');
  });
  expect(await look(get(`${url}/\${id}`), { id: 7 }, ground)).toEqual({
    value: { status: 200, body: { id: 9223372036854775807n } },
  });
  expect(await look(get(`${url}/\${id}`), { id: 8 }, ground)).toEqual({
    value: { status: 404, body: 'not here' },
  });
});

it('keeps exit code and output of a program', async () => {
  const program = (script: string) =>
    ({ kind: 'run', argv: [process.execPath, '-e', script, `\${id}`] }) as const;
  expect(
    await look(program('console.log(JSON.stringify({ id: process.argv[1] }))'), { id: 7 }, ground),
  ).toEqual({
    value: { exit: 0, output: { id: '7' } },
  });
  expect(await look(program('process.exit(4)'), { id: 7 }, ground)).toEqual({
    value: { exit: 4, output: null },
  });
});

it('tells a failure in words, without secrets', async () => {
  expect(await look(get('http://127.0.0.1:1/'), {}, ground)).toHaveProperty('failure');
  expect(await look(get(`http://127.0.0.1:1/\${id}`), {}, ground)).toEqual({
    failure: 'there is no id for it',
  });
  expect(await look({ kind: 'run', argv: [`/no/such/\${env:TOKEN}`] }, {}, ground)).toEqual({
    failure: expect.not.stringContaining('secret-token'),
  });
});
