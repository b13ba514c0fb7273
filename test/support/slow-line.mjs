// slow-line.mjs PROGRAM [ARGS...]: a program behind a line like SSH to a far place. What is typed arrives 100 ms late and a byte at a time, what
// is shown 100 ms late, and so does a new size of the terminal.
import { spawn } from '@lydell/node-pty';

const LATE_MS = 100;
const [file, ...args] = process.argv.slice(2);
const size = () => ({ cols: process.stdout.columns, rows: process.stdout.rows });
const far = spawn(file, args, { name: 'xterm-256color', ...size(), env: process.env, encoding: null });
const late = (act) => setTimeout(act, LATE_MS);

process.stdin.setRawMode(true);
process.stdin.on('data', (keys) => {
  for (const byte of keys) late(() => far.write(Buffer.of(byte)));
});
process.stdout.on('resize', () => late(() => far.resize(size().cols, size().rows)));
far.onData((text) => late(() => process.stdout.write(text)));
far.onExit(({ exitCode }) => late(() => process.exit(exitCode)));
