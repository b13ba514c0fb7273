import { spawn } from 'node:child_process';

/** Runs a command of the user's by the shell, its output on our standard error; returns why it failed, or null. */
export function runShell(command: string, env: Record<string, string>): Promise<string | null> {
  return new Promise((resolve) => {
    const stdio = ['ignore', process.stderr, process.stderr] as const;
    const child = spawn(command, { shell: true, stdio: [...stdio], env: { ...process.env, ...env } });
    child.on('error', ({ message }) => resolve(message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? code}`));
  });
}
