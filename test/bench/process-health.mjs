// Preloaded into a recorder (NODE_OPTIONS=--import): every 5 s one line of JSON into the file HEALTH_FILE names.
import { appendFileSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.HEALTH_FILE;
if (isMainThread && file) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    const fds = readdirSync('/proc/self/fd').length;
    const sample = {
      heapMb: heapUsed / 2 ** 20,
      rssMb: rss / 2 ** 20,
      fds,
      delayP99Ms: delay.percentile(99) / 1e6,
    };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
    delay.reset();
  }, 5_000).unref();
}
