import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PROGRAM = new URL('./throttled-csms.mjs', import.meta.url).pathname;

/** What a throttled CSMS has seen. */
export interface ThrottledSeen {
  accepted: number;
  refused: number;
  mostInASecond: number;
  calls: number;
}

/** A CSMS in a process of its own that accepts so many connections a second, and refuses the others for so many seconds; on a core of its own when named. */
export async function startThrottledCsms(
  rate: number,
  comeBackS: readonly [number, number] = [5, 25],
  core: number | null = null,
): Promise<{ url: string; end(): Promise<ThrottledSeen> }> {
  const args = [PROGRAM, rate, ...comeBackS].map(String);
  const command = [...(core === null ? [] : ['taskset', '-c', String(core)]), process.execPath, ...args];
  const csms = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: csms.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value ?? 'null');
  const { port } = await line();
  return {
    url: `ws://127.0.0.1:${port}/ocpp`,
    end: () => {
      csms.stdin.write('\n');
      return line();
    },
  };
}
