/** What can be told of containers that Shipshape did not make, with the bare CLI on real engines. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { hostTimers } from '../../../src/common/scheduling';
import { Engines } from '../../../src/core/engines';
import { ImageTags } from '../../../src/core/imageTags';
import { knownFromSettings, settingsDiff } from '../../../src/core/settingsDiff';
import { DockerEngine } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { startPodmanEngine } from '../../support/podmanEngine';
import { run } from '../../support/processes';

type Config = Record<string, unknown>;

const IMAGE = 'shipshape-test/base:1';
const CLI = resolve('node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js');

/** An engine, and the command that talks to it. */
interface Ground {
  readonly host: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

const GROUNDS: Record<string, () => Promise<Ground>> = {
  Docker: () => {
    const host = inject('dockerHost');
    const env = { ...process.env, DOCKER_HOST: host };
    return Promise.resolve({ host, program: 'docker', env, stop: () => Promise.resolve() });
  },
  Podman: async () => {
    const podman = await startPodmanEngine();
    const { endpoint: host, env } = podman;
    return { host, program: 'podman', env, stop: () => podman.stop() };
  },
};

const mounts = [
  'source=shipshape-vol,target=/vol,type=volume',
  { source: '/usr', target: '/host', type: 'bind' },
  'type=tmpfs,target=/tf',
  { target: '/anon/', type: 'volume' },
];
const runArgs = [
  ...[
    '--shm-size=1g',
    '--memory',
    '512m',
    '--cpus=1.5',
    '-h',
    'boxy',
    '--name',
    'shipshape-named',
    '-e',
    'C=3',
  ],
  ...['--env=D=x y', '-e', 'HOME', '-v', '/usr:/bound:ro', '-v', 'vv:/vv', '-v/usr:/glued', '--label', 'x=y'],
  ...['-p', '127.0.0.1:19090:90/udp', '--device=/dev/null:/dev/nullx', '--add-host', 'h:127.0.0.1'],
];
const CONFIG: Config = {
  name: 'all of it',
  image: IMAGE,
  mounts,
  containerEnv: { A: '1', B: 'two words', EMPTY: '', L: '${localEnv:HOME}' },
  capAdd: ['KILL', 'chown'],
  securityOpt: ['seccomp=unconfined', 'no-new-privileges'],
  appPort: [13000, '127.0.0.1:18080:80'],
  containerUser: 'user',
  updateRemoteUserUID: false,
  workspaceMount: 'source=${localWorkspaceFolder},target=/ws,type=bind',
  workspaceFolder: '/ws',
  init: false,
  privileged: false,
  runArgs,
};

const EDITS: [string, Config][] = [
  ['image', { image: 'shipshape-test/base:2' }],
  ['mounts', { mounts: [...mounts, 'source=another,target=/another,type=volume'] }],
  ['mounts', { mounts: ['source=other-vol,target=/vol,type=volume'] }],
  ['mounts', { mounts: [{ source: '/bin', target: '/host', type: 'bind' }] }],
  ['containerEnv.A', { containerEnv: { A: '2', B: 'two words' } }],
  ['containerEnv.NEW', { containerEnv: { A: '1', NEW: 'x' } }],
  ['capAdd', { capAdd: ['KILL', 'SYS_PTRACE'] }],
  ['appPort', { appPort: [13000, '127.0.0.1:18081:80'] }],
  ['containerUser', { containerUser: 'root' }],
  ['workspaceMount', { workspaceMount: 'source=${localWorkspaceFolder},target=/elsewhere,type=bind' }],
  ['privileged', { privileged: true }],
  ['init', { init: true }],
  [
    'features.ghcr.io/devcontainers/features/git:1',
    { features: { 'ghcr.io/devcontainers/features/git:1': {} } },
  ],
  ...['shm-size=2g', 'memory=1g', 'cpus=2', 'hostname=other', 'name=other', 'env=C=4', 'env=N=1', 'init'].map(
    (option): [string, Config] => ['runArgs', { runArgs: [...runArgs, `--${option}`] }],
  ),
  ...[
    'volume=/usr:/new',
    'volume=/bin:/bound',
    'volume=/usr:/bound',
    'volume=vv:/vv:ro',
    'publish=18888:88',
    'device=/dev/zero',
    'network=host',
    'cap-add=SYS_TIME',
  ].map((option): [string, Config] => ['runArgs', { runArgs: [...runArgs, `--${option}`] }]),
];

describe.each(Object.keys(GROUNDS))('containers of the bare CLI on %s', (name) => {
  let ground: Ground;
  let engine: DockerEngine;
  const folders: string[] = [];
  const ids: string[] = [];

  beforeAll(async () => {
    const start = GROUNDS[name];
    if (!start) throw new Error(`There is no ${name}.`);
    ground = await start();
    engine = new DockerEngine(await resolveEndpoint(ground.host));
  });
  afterAll(async () => {
    engine.dispose();
    await ground.stop();
  });
  afterEach(async () => {
    for (const id of ids.splice(0)) await engine.remove(id);
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  const command = (...args: string[]): Promise<string> => run(ground.program, args, { env: ground.env });

  /** Runs `devcontainer up` on a new folder. */
  async function made(config: Config, files: Record<string, string> = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'shipshape-others-'));
    folders.push(folder);
    const all = { 'devcontainer.json': JSON.stringify(config), ...files };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(join(folder, '.devcontainer', path, '..'), { recursive: true });
      await writeFile(join(folder, '.devcontainer', path), text);
    }
    const args = [CLI, 'up', '--workspace-folder', folder, '--docker-path', ground.program];
    const out = await run(process.execPath, args, { env: ground.env });
    const { containerId: id } = JSON.parse(out.trim().split('\n').at(-1) ?? '') as { containerId: string };
    ids.push(id);
    const [container, details] = [await engine.inspect(id), await engine.details(id)];
    if (!container || !details) throw new Error(`${basename(folder)} has no container.`);
    return { container, details };
  }

  test('nothing is different in what they were made from, and each edit is named by its property', async () => {
    const { container, details } = await made(CONFIG);
    expect(settingsDiff(CONFIG, container, details, 'in')).toEqual([]);
    const known = knownFromSettings(CONFIG, container, details);
    expect(known).toContain('image');
    expect(known).toContain('mounts');
    expect(known).toContain('appPort');
    expect(known).not.toContain('runArgs');
    for (const [property, edit] of EDITS) {
      const changes = settingsDiff({ ...CONFIG, ...edit }, container, details, 'in');
      expect([property, edit, changes.map((change) => change.property)]).toEqual([
        property,
        edit,
        [property],
      ]);
    }
  });

  test.each<[string, Config]>([
    ['a bare image', { image: IMAGE }],
    ['the network of the host', { image: IMAGE, runArgs: ['--network=host'], appPort: 13001 }],
    ['no network', { image: IMAGE, runArgs: ['--net', 'none'] }],
    [
      'shared memory of the host',
      { image: IMAGE, runArgs: ['--ipc=host', '--pid', 'host', '--userns=host'] },
    ],
    ['the image as Podman spells it out', { image: `docker.io/${IMAGE}` }],
  ])('nothing is different with %s', async (_, config) => {
    const { container, details } = await made(config);
    expect(settingsDiff(config, container, details, 'in')).toEqual([]);
  });

  test('a Feature is known by its id, whatever its version', async () => {
    const config = { image: IMAGE, features: { './mine': {} } };
    const feature = {
      id: 'mine',
      version: '1.0.0',
      name: 'Mine',
      containerEnv: { F: 'feature' },
      init: false,
    };
    const { container, details } = await made(config, {
      'mine/devcontainer-feature.json': JSON.stringify(feature),
      'mine/install.sh': 'true\n',
    });
    expect(settingsDiff(config, container, details, 'in')).toEqual([]);
    const more = { ...config, features: { './mine': {}, './yours': {} } };
    expect(settingsDiff(more, container, details, 'in')).toMatchObject([{ property: 'features../yours' }]);
  });

  test('a tag that moves is told within a second, with the image that it means now', async () => {
    await command('tag', IMAGE, 'shipshape-test/moving:1');
    const config = { image: 'shipshape-test/moving:1' };
    const { container } = await made(config);
    const engines = new Engines(hostTimers, silentLogger);
    onTestFinished(() => engines.dispose());
    const port = new DockerEngine(await resolveEndpoint(ground.host));
    engines.use([port]);
    await engines.ready();
    const tags = new ImageTags(engines, silentLogger);
    const now = () => tags.of(port.key, container);
    await vi.waitFor(() => expect(now()?.id).toBe(container.imageId));
    expect(now()?.reference).toContain('shipshape-test/moving:1');

    const context = await mkdtemp(join(tmpdir(), 'shipshape-moving-'));
    folders.push(context);
    await writeFile(join(context, 'Dockerfile'), `FROM ${IMAGE}\nENV MOVED=1\n`);
    const moves = [
      ['build', '-q', '-t', 'shipshape-test/moving:1', context],
      ['tag', IMAGE, 'shipshape-test/moving:1'],
    ];
    for (const move of moves) {
      const before = now()?.id;
      const changed = new Promise<number>((done) => {
        const listening = tags.onDidChange(() => {
          listening.dispose();
          done(Date.now());
        });
      });
      await command(...move);
      const moved = Date.now();
      expect((await changed) - moved).toBeLessThan(1_000);
      expect(now()?.id).not.toBe(before);
      const format = '{{.Id}}';
      const id = (await command('image', 'inspect', '--format', format, 'shipshape-test/moving:1')).trim();
      expect(now()?.id?.replace('sha256:', '')).toBe(id.replace('sha256:', ''));
    }
    await command('rmi', 'shipshape-test/moving:1');
    await vi.waitFor(() => expect(now()).toMatchObject({ id: undefined }));
  });

  test('a name that no image can have means none, and nothing else is asked of the engine', async () => {
    expect(await engine.imageId(IMAGE)).toMatch(/^sha256:[0-9a-f]{64}$/);
    const odd = [
      '',
      '.',
      '..',
      'a/../../containers',
      'a b',
      'a?b',
      'a#b',
      '%2e%2e',
      'a//b',
      '-x',
      'a\0',
      'x'.repeat(999),
    ];
    for (const reference of [...odd, 'nosuch:1', 'nosuch@sha256:0', '0'.repeat(64)])
      expect([reference, await engine.imageId(reference)]).toEqual([reference, undefined]);
  });
});
