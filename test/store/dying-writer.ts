// The writer thread, but for a frame whose action is `die`: then it ends at once.
import { parentPort } from 'node:worker_threads';
import type { ToWriter } from '../../src/store/writer-protocol.ts';

parentPort!.on('message', (message: ToWriter) => {
  if ('batch' in message && message.batch.strings.includes('die')) process.exit(1);
});

await import('../../src/store/writer-thread.ts');
