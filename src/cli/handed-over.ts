const FIRST_FD = 3;

/**
 * The listening socket that a service manager has handed over (`sd_listen_fds(3)`: LISTEN_FDS, LISTEN_PID), null when none
 * was; the variables are taken away, so that no child believes they are meant for it.
 */
export function handedOverSocket(env: NodeJS.ProcessEnv = process.env): { fd: number } | null {
  const { LISTEN_FDS: count, LISTEN_PID: pid } = env;
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete env[name];
  return Number(count) >= 1 && Number(pid) === process.pid ? { fd: FIRST_FD } : null;
}
