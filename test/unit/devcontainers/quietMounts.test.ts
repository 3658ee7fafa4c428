import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { isQuiet, mountOf, parseMounts, QuietMounts } from '../../../src/devcontainers/quietMounts';

const MOUNTINFO = String.raw`22 27 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 27 0:35 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync,aname=drvfs
41 27 0:36 / /home/a\040b rw - nfs4 server:/export rw
42 41 8:2 / /home/a\040b/local rw master:3 propagate_from:1 - xfs /dev/sdb rw
43 27 8:3 / /twice rw - ext4 /dev/sdc rw
44 43 0:37 / /twice rw - fuse.sshfs host: rw
nonsense
`;

test.each([
  ['/etc/hosts', 'ext4'],
  ['/mnt/c', '9p'],
  ['/mnt/c/Users/project', '9p'],
  ['/mnt/cdrom', 'ext4'],
  ['/home/a b/project', 'nfs4'],
  ['/home/a b/local/project', 'xfs'],
  ['/twice/project', 'fuse.sshfs'],
])('%s lies on a mount of type %s', (path, type) => {
  expect(mountOf(path, parseMounts(MOUNTINFO))?.type).toBe(type);
});

test.each(
  ['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'drvfs', 'virtiofs', 'fakeowner', 'vboxsf', 'prl_fs', 'fuse'].concat([
    'fuse.sshfs',
    'fuse.vmhgfs-fuse',
    'fuse.grpcfuse',
    'fuse.rclone',
    'ceph',
  ]),
)('on %s changes made elsewhere have no event', (type) => expect(isQuiet(type)).toBe(true));

test.each(['ext4', 'xfs', 'btrfs', 'tmpfs', 'overlay', 'fuse.fuse-overlayfs', 'fuseblk', 'nfsd', 'zfs', ''])(
  'on %s they have',
  (type) => expect(isQuiet(type)).toBe(false),
);

test('the log says once for each mount which folder lies there, and of which type it is', async () => {
  const told: string[] = [];
  const logger = { ...silentLogger, info: (message: string) => told.push(message) };
  const mounts = new QuietMounts(logger, () => Promise.resolve(parseMounts(MOUNTINFO)));
  const paths = ['/etc/a', '/mnt/c/a', '/mnt/c/b', '/twice/a'];
  expect([...(await mounts.under(paths))]).toEqual(['/mnt/c/a', '/mnt/c/b', '/twice/a']);
  await mounts.under(paths);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^\/mnt\/c\/a lies on \/mnt\/c \(9p\)/);
  expect(told[1]).toMatch(/^\/twice\/a lies on \/twice \(fuse\.sshfs\)/);
});

test('where the system does not tell of its mounts, none is one', async () => {
  const mounts = new QuietMounts(silentLogger, () => Promise.resolve([]));
  expect((await mounts.under(['/mnt/c'])).size).toBe(0);
});
