import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Peer } from './peers.ts';

const PACKAGES = ['node-red@4.1.15', 'node-red-contrib-ocpp@1.3.10'];

/** Nodes of the author's example that are no part of its central system. */
const OTHERS = new Set([
  'CP client JSON',
  'CS request JSON',
  'ocpp-remote-cs',
  'ocpp-remotej-cp',
  'inject',
  'debug',
]);

/**
 * Starts the example flow of node-red-contrib-ocpp, which is too big for a development dependency: its packages (some 125 MB) are
 * installed into the folder, unless they are there.
 */
export async function startNodeRed(folder: string): Promise<Peer> {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules'))) {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const flags = ['--no-audit', '--no-fund', '--prefix', folder];
    execFileSync('npm', ['install', ...flags, ...PACKAGES], { stdio: 'inherit' });
  }
  const work = mkdtempSync(join(tmpdir(), 'chargetape-node-red-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const [flows, settings] = [join(work, 'flows.json'), join(work, 'settings.js')];
  writeFileSync(flows, JSON.stringify(exampleFlow(folder, port)));
  writeFileSync(
    settings,
    'module.exports = { httpAdminRoot: false, logging: { console: { level: "warn" } } };',
  );
  const program = join(folder, 'node_modules/node-red/red.js');
  const flags = ['--userDir', folder, '--port', String(adminPort), '--settings', settings];
  const red = spawn(process.execPath, [program, ...flags, flows], { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(red, 'close');
  const close = async (): Promise<void> => {
    red.kill();
    await gone;
    rmSync(work, { recursive: true, force: true });
  };
  try {
    await untilOpen(port);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `ws://127.0.0.1:${port}/ocpp`, close };
}

/** The author's example1.json without its chargers, buttons and SOAP (whose routes make it refuse WebSockets), on this port. */
function exampleFlow(folder: string, port: number): object[] {
  const file = join(folder, 'node_modules/node-red-contrib-ocpp/examples/example1.json');
  const nodes = JSON.parse(readFileSync(file, 'utf8')) as { type: string }[];
  return nodes
    .filter(({ type }) => !OTHERS.has(type))
    .map((node) =>
      node.type === 'CS server'
        ? { ...node, port: String(port), enabled15: false, enabled16: false, log: false, pathlog: '' }
        : node,
    );
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something listens there; gives up after a minute. */
async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await setTimeout(250);
  }
  throw new Error(`Node-RED does not listen on port ${port}`);
}
