import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseImage } from './baseImage';
import { run } from './processes';

/**
 * Builds an image on the base image with these lines of a Dockerfile and pushes it under the name; on the
 * engine the name means what it meant before. Gives the digest by which the registry has it.
 */
export async function pushImage(
  dockerHost: string,
  name: string,
  lines: readonly string[],
  login?: { readonly user: string; readonly password: string },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-push-'));
  const env = { ...process.env, DOCKER_HOST: dockerHost, DOCKER_CONFIG: folder, DOCKER_BUILDKIT: '0' };
  const docker = (...args: string[]): Promise<string> => run('docker', args, { env });
  try {
    if (login) {
      const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
      const auths = { [name.split('/')[0] ?? '']: { auth } };
      await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    }
    const before = (await docker('images', '-q', '--no-trunc', name)).trim();
    await writeFile(join(folder, 'Dockerfile'), [`FROM ${baseImage}`, ...lines].join('\n'));
    await docker('build', '-q', '-t', name, '-f', join(folder, 'Dockerfile'), folder);
    const pushed = await docker('push', name);
    await docker('rmi', '-f', name);
    if (before !== '') await docker('tag', before, name);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
    if (digest === undefined) throw new Error(`no digest in: ${pushed}`);
    return digest;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
