import { readFile } from 'node:fs/promises';
import type { Logger } from '../common/logger';

/** A mounted file system: where, and of which type. */
export interface Mount {
  readonly point: string;
  readonly type: string;
}

/** Types whose files others change, on another machine or below the mount, without telling this one's kernel. */
const QUIET =
  /^(?:nfs4?|cifs|smb3|smbfs|ncpfs|9p|drvfs|virtiofs|fakeowner|vboxsf|prl_fs|vmhgfs|afs|ceph|coda|lustre|gpfs|beegfs|ocfs2|gfs2|fuse(?:\..+)?)$/;
/** Nobody else writes there: the root of containers. */
const OWN = new Set(['fuse.fuse-overlayfs']);

/** Knows on which of this machine's mounts changes made elsewhere have no event. Only Linux tells of its mounts. */
export class QuietMounts {
  readonly #told = new Set<string>();

  constructor(
    private readonly logger: Logger,
    private readonly mounts: () => Promise<readonly Mount[]> = hostMounts,
  ) {}

  /** Those of the real paths that lie on such mounts; the log says once for each mount that they do. */
  async under(paths: Iterable<string>): Promise<ReadonlySet<string>> {
    const mounts = await this.mounts();
    const found = new Set<string>();
    if (!mounts.some(({ type }) => isQuiet(type))) return found;
    for (const path of paths) {
      const mount = mountOf(path, mounts);
      if (!mount || !isQuiet(mount.type)) continue;
      found.add(path);
      this.#tell(mount, path);
    }
    return found;
  }

  #tell({ point, type }: Mount, path: string): void {
    if (this.#told.has(point)) return;
    this.#told.add(point);
    this.logger.info(
      `${path} lies on ${point} (${type}), where changes made elsewhere are not told: what is watched there is also looked at every few seconds.`,
    );
  }
}

export function isQuiet(type: string): boolean {
  return QUIET.test(type) && !OWN.has(type);
}

/** The mount on which an absolute path lies; of several at one place the last one, which covers the others. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (isOn(path, mount) && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

/** Reads what Linux says in /proc/self/mountinfo; other lines are left out. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    const [type] = after.split(' ');
    if (!point || !type) return [];
    const plain = point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    return [{ point: plain, type }];
  });
}

function isOn(path: string, { point }: Mount): boolean {
  return path === point || path.startsWith(point === '/' ? point : `${point}/`);
}

async function hostMounts(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}
