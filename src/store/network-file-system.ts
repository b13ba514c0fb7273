import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { ChargetapeError } from '../errors.ts';

/** Magic numbers of `statfs(2)` whose file systems live on another machine: SQLite's locks and shared memory fail there. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
]);

/** Name of the network file system with this `statfs` type; null for a local one. */
export function networkFileSystem(type: number): string | null {
  return NETWORK_FILE_SYSTEMS.get(type >>> 0) ?? null;
}

/** `statfs` knows FUSE only as a whole; which file system it is stands in the mount table. */
const FUSE = 0x65735546;

/** Name of the network file system that a folder lies on by FUSE, such as `fuse.sshfs`; null for any other. `mounts` is `/proc/self/mounts`. */
export function networkMount(folder: string, mounts: string): string | null {
  const holds = (point: string) => point === '/' || folder === point || folder.startsWith(`${point}/`);
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const [mount] = rows
    .map(([, point = '', type = '']) => ({ point: point.replaceAll('\\040', ' '), type }))
    .filter(({ point }) => point !== '' && holds(point))
    .sort((a, b) => b.point.length - a.point.length);
  return mount && /^fuse\.(sshfs|s3fs|gcsfuse|rclone|glusterfs|davfs)/.test(mount.type) ? mount.type : null;
}

/** Refuses a folder on a network file system (NETWORK_FILE_SYSTEM). */
export function refuseNetworkFileSystem(folder: string): void {
  const type = Number(statfsSync(folder).type);
  const name = type === FUSE ? networkMount(realpathSync(folder), mountTable()) : networkFileSystem(type);
  if (name !== null) {
    throw new ChargetapeError('NETWORK_FILE_SYSTEM', `${folder} is on a network file system (${name}).`);
  }
}

function mountTable(): string {
  try {
    return readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return '';
  }
}
