import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import {
  networkFileSystem,
  networkMount,
  refuseNetworkFileSystem,
} from '../../src/store/network-file-system.ts';

it('knows network file systems by their number, whatever its sign', () => {
  expect(networkFileSystem(0x6969)).toBe('NFS');
  expect(networkFileSystem(0xff534d42)).toBe('CIFS');
  expect(networkFileSystem(0xff534d42 | 0)).toBe('CIFS');
  expect(networkFileSystem(0xef53)).toBeNull();
});

it('lets a local folder pass', () => {
  expect(() => refuseNetworkFileSystem(tmpdir())).not.toThrow();
});

it('finds a network file system behind FUSE in the mount table', () => {
  const mounts = [
    '/dev/sda1 / ext4 rw 0 0',
    'host:/ /mnt/far\\040away fuse.sshfs rw 0 0',
    '/dev/sdb1 /mnt/far\\040away/near fuseblk rw 0 0',
  ].join('\n');
  expect(networkMount('/mnt/far away/recordings', mounts)).toBe('fuse.sshfs');
  expect(networkMount('/mnt/far away/near', mounts)).toBeNull();
  expect(networkMount('/mnt/far', mounts)).toBeNull();
});
