import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { silentLogger as logger } from '../../../src/common/logger';
import { hostTimers } from '../../../src/common/scheduling';
import { EngineStore } from '../../../src/core/engineStore';
import type { EnginePort } from '../../../src/core/ports';
import { replaceContainers, type ReplacementEnd } from '../../../src/core/replaceContainers';
import { Replacements } from '../../../src/core/replacements';
import { DockerEngine } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { run } from '../../support/processes';
import { hostProcesses } from '../../../src/storage/processes';
import { FakeRecords } from '../../support/fakeDisk';
import { docker, image, temporaryFolder, unique } from '../engine/support';

async function replace(
  engine: EnginePort,
  id: string,
  to: string,
  labels?: Record<string, string>,
): Promise<ReplacementEnd> {
  const store = new EngineStore(engine, hostTimers, logger);
  await store.refresh();
  const found = store.find(id);
  if (!found) throw new Error('no container');
  return replaceContainers(store, [{ container: found, image: to, ...(labels && { labels }) }], {
    replacements: new Replacements(new FakeRecords(), hostProcesses, logger),
    awaitReady: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  });
}

let podman: TestPodman;
beforeAll(async () => (podman = await startPodmanEngine()));
afterAll(() => podman.stop());

describe.each([
  ['Docker', () => inject('dockerHost')],
  ['Podman', () => podman.endpoint],
])('a container of a real %s', (_, hostOf) => {
  const made: string[] = [];
  const on = (...args: string[]): Promise<string> => docker(hostOf(), ...args);
  afterAll(async () => {
    for (const name of made) await on('rm', '-f', '-v', name).catch(() => undefined);
    for (const tag of ['old', 'new']) await on('rmi', '-f', `${tag}-${suffix}`).catch(() => undefined);
    await on('network', 'rm', `net-${suffix}`).catch(() => undefined);
    await on('volume', 'rm', '-f', `data-${suffix}`).catch(() => undefined);
  });
  const suffix = unique('replace');

  test(
    'has what was asked for it, and of its image what the newer one says',
    { timeout: 120_000 },
    async () => {
      await makeImage('old', [
        'ENV A=old',
        'ENV GONE=1',
        'LABEL version=1 gone=yes',
        'WORKDIR /old',
        'CMD ["sleep","1000"]',
      ]);
      await makeImage('new', ['ENV A=new', 'LABEL version=2', 'WORKDIR /new', 'CMD ["sleep","2000"]']);
      await on('network', 'create', `net-${suffix}`);
      const name = unique('web');
      made.push(name);
      const asked = [
        ...[
          '-e',
          'OWN=1',
          '-l',
          'own=1',
          '-v',
          `data-${suffix}:/data`,
          '-v',
          '/anonymous',
          '--pids-limit',
          '99',
        ],
        ...[
          '--restart',
          'on-failure:3',
          '--network',
          `net-${suffix}`,
          '--network-alias',
          'alias',
          '-m',
          '64m',
        ],
      ];
      const id = await on('run', '-d', '--name', name, ...asked, `old-${suffix}`);
      await on('exec', id, 'sh', '-c', 'echo kept > /anonymous/file');
      const volume = await on('inspect', '-f', '{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}', id); // prettier-ignore
      const engine = new DockerEngine(await resolveEndpoint(hostOf()));
      try {
        const end = await replace(engine, id, `new-${suffix}`, { other: '1' });
        expect(end.outcome).toBe('replaced');
        expect((await engine.list()).filter(({ name: each }) => each.startsWith(name))).toHaveLength(1);
      } finally {
        engine.dispose();
      }
      const [now] = JSON.parse(await on('inspect', name)) as [Described];
      expect(now.State.Running).toBe(true);
      expect(now.Config.Env).toEqual(expect.arrayContaining(['A=new', 'OWN=1']));
      expect(now.Config.Env).not.toContain('GONE=1');
      expect(now.Config.Labels).toMatchObject({ own: '1', version: '2', other: '1' });
      expect(now.Config.Labels).not.toHaveProperty('gone');
      expect(now.Config.WorkingDir).toBe('/new');
      expect(now.Config.Cmd).toEqual(['sleep', '2000']);
      expect(now.HostConfig).toMatchObject({ Memory: 64 * 1024 * 1024, PidsLimit: 99 });
      expect(now.HostConfig.RestartPolicy).toMatchObject({ Name: 'on-failure', MaximumRetryCount: 3 });
      expect(now.NetworkSettings.Networks[`net-${suffix}`]?.Aliases).toContain('alias');
      const mounts = Object.fromEntries(now.Mounts.map(({ Destination, Name }) => [Destination, Name]));
      expect(mounts).toEqual({ '/data': `data-${suffix}`, '/anonymous': volume });
      expect(await on('exec', name, 'cat', '/anonymous/file')).toBe('kept');
    },
  );

  test('is back with its id when the new one cannot start', { timeout: 120_000 }, async () => {
    await makeImage('new', ['ENTRYPOINT ["/no/such/program"]']);
    const name = unique('web');
    made.push(name);
    const id = await on(
      'run',
      '-d',
      '--name',
      name,
      image,
      'sh',
      '-c',
      'trap "exit 0" TERM; sleep 1000 & wait',
    );
    const engine = new DockerEngine(await resolveEndpoint(hostOf()));
    try {
      const end = await replace(engine, id, `new-${suffix}`);
      expect(end).toMatchObject({ outcome: 'rolledBack', error: { message: expect.stringMatching(/no\/such\/program/) as string } }); // prettier-ignore
      expect((await engine.list()).filter(({ name: each }) => each.startsWith(name))).toMatchObject([
        { id, name, state: 'running' },
      ]);
    } finally {
      engine.dispose();
    }
  });

  async function makeImage(tag: string, changes: readonly string[]): Promise<void> {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'Dockerfile'), [`FROM ${image}`, ...changes].join('\n'));
    // Podman has no BuildKit, and its answer to a commit is none that docker takes.
    const env = { ...process.env, DOCKER_HOST: hostOf(), DOCKER_BUILDKIT: '0' };
    await run('docker', ['build', '-q', '-t', `${tag}-${suffix}`, folder], { env });
  }
});

/** As much of an engine's description as is looked at. */
interface Described {
  readonly State: { readonly Running: boolean };
  readonly Config: {
    readonly Env: string[];
    readonly Labels: Record<string, string>;
    readonly WorkingDir: string;
    readonly Cmd: string[];
  };
  readonly HostConfig: { readonly RestartPolicy: object };
  readonly NetworkSettings: { readonly Networks: Record<string, { readonly Aliases: string[] | null }> };
  readonly Mounts: readonly { readonly Destination: string; readonly Name: string }[];
}
