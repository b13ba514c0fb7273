#!/usr/bin/env node
// Argv in, exit code out. It imports nothing statically: better-sqlite3 ends an old Node with a segmentation
// fault, so the version is looked at before anything else is loaded, in syntax that an old Node can read.
import type { ChildProcess } from 'node:child_process';

const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) {
  await keepCompiled();
  const program = await import('./cli/program.ts');
  process.exitCode = await program.run(process.argv.slice(2));
} else {
  await rerun();
}

/** What V8 has made of each file is kept beside the dependencies, for the next start; where they are read-only, each start compiles. */
async function keepCompiled(): Promise<void> {
  const { enableCompileCache } = await import('node:module');
  const { fileURLToPath } = await import('node:url');
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/chargetape', import.meta.url)));
}

/** Runs the same command under the Node 24 that `npm ci` puts into a checkout, or says what is missing. */
async function rerun(): Promise<void> {
  const { existsSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    const have = process.versions.node;
    process.stderr.write(
      `error NODE_TOO_OLD: Chargetape needs Node ${OLDEST_NODE} or newer, and this is Node ${have}. Install Node ${OLDEST_NODE} or newer.\n`,
    );
    process.exitCode = 2;
    return;
  }
  const { spawn } = await import('node:child_process');
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { CHARGETAPE_LAUNCHED: '1' }),
  });
  passSignals(child);
}

/** The child gets each signal that this process gets, and this process ends the way the child ended. */
function passSignals(child: ChildProcess): void {
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole foreground group: the child has it already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code === null ? 1 : code);
    }
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
