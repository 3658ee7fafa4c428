import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';

const unshare = ['-U', '-r', 'sh', '-c'];
const limitedTo = (count: number, of: string): string =>
  `echo ${count} > /proc/sys/user/max_inotify_${of} && exec "$@"`;
const canLimit = ((): boolean => {
  try {
    execFileSync('unshare', [...unshare, limitedTo(8, 'watches'), 'sh', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

let root = '';
let end: () => void = () => undefined;

afterEach(async () => {
  end();
  await rm(root, { recursive: true, force: true });
});

describe.skipIf(!canLimit).each([
  ['watches', 8, 'ENOSPC'],
  ['instances', 0, 'EMFILE'],
])("at the system's limit of %s", (of, count, code) => {
  test('it says so once, and goes on by looking', async () => {
    root = await mkdtemp(join(tmpdir(), 'shipshape-limit-'));
    const files: string[] = [];
    for (let n = 0; n < 20; n++) {
      const folder = join(root, `p${n}`, '.devcontainer');
      await mkdir(folder, { recursive: true });
      files.push(join(folder, 'devcontainer.json'));
      await writeFile(files[n] ?? '', '{}');
    }
    const script = resolve('test/integration/devcontainers/inotifyLimit.ts');
    const node = [process.execPath, '--import', 'tsx', script, ...files];
    const child = spawn('unshare', [...unshare, limitedTo(count, of), 'sh', ...node], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    end = () => void child.kill('SIGKILL');
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    // Ready too, else the look that comes with it would see the change, not the polling.
    await vi.waitFor(() => expect(out).toMatch(/failed [^]*ready/), { timeout: 20_000, interval: 20 });
    const last = files[19] ?? '';
    await writeFile(last, '{"a":1}');
    await vi.waitFor(() => expect(out).toContain(`changed ${last}\n`), { timeout: 10_000, interval: 20 });
    expect(out.match(/^failed .*/gm)).toEqual([expect.stringContaining(`(${code})`)]);
  });
});
