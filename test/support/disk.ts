import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A small file system of its own. */
export interface Disk {
  folder: string;
  /** Everything that writes to it hangs until it thaws. */
  freeze(): void;
  thaw(): void;
  unmount(): void;
}

/** Why this machine cannot make one; null when it can. */
export const NO_DISK = reason();

function reason(): string | null {
  if (process.getuid?.() !== 0) return 'needs root to mount a file system';
  for (const tool of ['mkfs.ext4', 'losetup', 'fsfreeze', 'mount']) {
    try {
      execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${tool}`]);
    } catch {
      return `needs ${tool}`;
    }
  }
  try {
    execFileSync('losetup', ['--find'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'needs a loop device';
  }
}

/** Makes an ext4 file system of so many megabytes in a file in this folder, and mounts it there. */
export function makeDisk(base: string, megabytes: number): Disk {
  const image = join(base, 'image');
  const folder = join(base, 'disk');
  mkdirSync(folder);
  const run = (tool: string, ...args: string[]) =>
    execFileSync(tool, args, {
      stdio: 'pipe',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
  run('truncate', '-s', `${megabytes}M`, image);
  run('mkfs.ext4', '-q', '-m', '0', image);
  run('mount', '-o', 'loop', image, folder);
  return {
    folder,
    freeze: () => void run('fsfreeze', '-f', folder),
    thaw: () => void run('fsfreeze', '-u', folder),
    unmount: () => void run('umount', folder),
  };
}
