import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { callEngine } from './engineHttp';
import { run, runToEnd } from './processes';

/** The small image every suite starts from: busybox, and nothing that needs a registry. */
export const baseImage = 'shipshape-test/base:1';

/** Puts the base image into the engine behind this socket, under `tag`. */
export async function importBaseImage(socketPath: string, tag: string = baseImage): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'shipshape-base-'));
  try {
    await fillRoot(root);
    await importFolder(socketPath, root, tag);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function fillRoot(root: string): Promise<void> {
  await Promise.all(['bin', 'etc', 'root', 'tmp'].map((name) => mkdir(join(root, name))));
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\n');
  await copyProgram(root, 'busybox');
  const applets = (await run('busybox', ['--list'])).split('\n').filter((name) => name && name !== 'busybox');
  await Promise.all(applets.map((name) => symlink('busybox', join(root, 'bin', name))));
}

/** Copies a program, and its libraries too: a Debian with initramfs-tools has the dynamic busybox. */
async function copyProgram(root: string, name: string): Promise<void> {
  const program = (await run('which', [name])).trim();
  await copyFile(await realpath(program), join(root, 'bin', name));
  const libraries = (await runToEnd('ldd', [program])).stdout.match(/\/\S+(?= \(0x)/g) ?? [];
  for (const library of libraries) {
    await mkdir(dirname(join(root, library)), { recursive: true });
    await copyFile(await realpath(library), join(root, library));
  }
}

async function importFolder(socketPath: string, root: string, tag: string): Promise<void> {
  // Podman doesn't look at `tag`; both take it as part of `repo`.
  const query = new URLSearchParams({ fromSrc: '-', repo: tag });
  ['ENV PATH=/bin', 'CMD ["sh"]'].forEach((change) => query.append('changes', change));
  const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = await callEngine(socketPath, 'POST', `/images/create?${query.toString()}`, tar.stdout);
  if (answer.status !== 200 || answer.body.includes('"error"')) {
    throw new Error(`importing ${tag}: ${answer.status} ${answer.body}`);
  }
}
