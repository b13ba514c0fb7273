import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startTestCsms } from './test-csms.ts';

/** A CSMS of somebody else's making that runs. */
export interface Peer {
  /** Such as ws://127.0.0.1:40123. */
  url: string;
  close(): Promise<void>;
}

/** Independent CSMSs that come with the development dependencies, by the library they stand on. */
export const PEERS: Record<string, () => Promise<Peer>> = {
  'ocpp-rpc': () => startTestCsms(),
  'ocpp-rpc, strict': () => startTestCsms({ strict: true }),
  'ocpp-ts': () => startChild('ocpp-ts-csms.ts'),
};

/** Starts a program of this folder that prints {"port": N} when it listens. */
async function startChild(program: string): Promise<Peer> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/${program}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    url: `ws://127.0.0.1:${JSON.parse(line).port}`,
    async close() {
      const gone = once(child, 'close');
      child.kill();
      await gone;
    },
  };
}
