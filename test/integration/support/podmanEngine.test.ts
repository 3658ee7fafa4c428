import { access } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { callEngine } from '../../support/engineHttp';
import { startPodmanEngine } from '../../support/podmanEngine';
import { run } from '../../support/processes';

it('serves the Docker-compatible API over its own store', async () => {
  const podman = await startPodmanEngine();
  try {
    await run('podman', ['run', '-d', '--name', 'here', baseImage, 'sleep', '1000'], { env: podman.env });
    const list = await callEngine(podman.socketPath, 'GET', '/containers/json');
    expect(JSON.parse(list.body)).toMatchObject([{ Names: ['/here'] }]);
  } finally {
    await podman.stop();
  }
  await expect(access(podman.socketPath)).rejects.toThrow();
});
