import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './processes';
import { OCI_MANIFEST, putBlob, putManifest } from './registryImages';

/**
 * Puts a version of a Feature into the repository `features/ID` of a registry, as its tools do: under its own version,
 * under `MAJOR.MINOR`, under `MAJOR` and as the latest. It leaves its version in `/ID`.
 */
export async function putFeature(url: string, id: string, version: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-feature-'));
  try {
    const metadata = JSON.stringify({ id, version, name: id });
    await writeFile(join(folder, 'devcontainer-feature.json'), metadata);
    await writeFile(join(folder, 'install.sh'), `#!/bin/sh\necho ${version} >/${id}\n`, { mode: 0o755 });
    const packed = join(folder, 'packed.tar');
    await run('tar', ['-cf', packed, '-C', folder, 'devcontainer-feature.json', 'install.sh']);
    const put = { url, repository: `features/${id}`, tag: 'latest' };
    const config = await putBlob(put, '{}', 'application/vnd.devcontainers');
    const layer = await putBlob(
      put,
      new Uint8Array(await readFile(packed)),
      'application/vnd.devcontainers.layer.v1+tar',
    );
    const [major = '', minor = ''] = version.split('.');
    const title = { 'org.opencontainers.image.title': `devcontainer-feature-${id}.tgz` };
    for (const tag of [version, `${major}.${minor}`, major, 'latest']) {
      await putManifest(
        put,
        OCI_MANIFEST,
        {
          config,
          layers: [{ ...layer, annotations: title }],
          annotations: { 'dev.containers.metadata': metadata },
        },
        tag,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
