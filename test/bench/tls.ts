// Measures what an idle connection costs the recorder in memory, plain and with TLS on each leg and on both.
// node test/bench/tls.ts [CONNECTIONS 2000]
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { startRecorder } from '../support/binary.ts';
import { securedLegs } from '../support/secured-legs.ts';

const connections = Number(process.argv[2] ?? 2_000);
const AT_ONCE = 50;

/** kB per idle connection. */
async function measure(secured: { charger: boolean; csms: boolean }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'chargetape-tls-'));
  const legs = await securedLegs(folder, secured);
  const http = legs.server ? createServer(legs.server) : createPlainServer();
  const csms = new WebSocketServer({ server: http, perMessageDeflate: false });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const upstream = `${legs.scheme}://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const recorder = await startRecorder(upstream, join(folder, 'tls.db'), { args: legs.args });
  const open = async (index: number) => {
    const socket = new WebSocket(`${recorder.url}/CP${index}`, 'ocpp1.6', {
      perMessageDeflate: false,
      ...legs.client,
    });
    await once(socket, 'open');
    return socket;
  };
  const chargers: WebSocket[] = [];
  for (let index = 0; index < AT_ONCE; index++) chargers.push(await open(index));
  await setTimeout(2_000);
  const before = residentKb(recorder.pid);
  while (chargers.length < connections + AT_ONCE) {
    const first = chargers.length;
    chargers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => open(first + i)))));
  }
  await setTimeout(5_000);
  const kb = (residentKb(recorder.pid) - before) / connections;
  for (const charger of chargers) charger.terminate();
  await recorder.stop();
  csms.close();
  http.close();
  http.closeAllConnections();
  rmSync(folder, { recursive: true });
  return kb;
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

for (const charger of [false, true]) {
  for (const csms of [false, true]) {
    const name = charger && csms ? 'both legs' : charger ? 'chargers' : csms ? 'CSMS' : 'none';
    console.log(`TLS ${name}: ${(await measure({ charger, csms })).toFixed(1)} kB per idle connection`);
  }
}
process.exit();
