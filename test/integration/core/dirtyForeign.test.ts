/** What makes a container dirty that the bare CLI made, and of which Shipshape saw nothing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Change, DevContainer } from '../../../src/api';
import { silentLogger } from '../../../src/common/logger';
import { description } from '../../../src/core/words';
import { FileRecords } from '../../../src/storage/fileRecords';
import { CONFIG_FILE, ForeignProject, judged } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { run, waitFor } from '../../support/processes';
import { startSkewedEngine } from '../../support/skewedEngine';

const CONFIG = `{
  "name": "foreign",
  "build": { "dockerfile": "Dockerfile", "context": "..", "args": { "LEVEL": "one" } },
  "mounts": ["source=shipshape-foreign,target=/vol,type=volume"],
  "containerEnv": { "MODE": "dev" },
  "runArgs": ["--hostname", "boxy", "--shm-size=128m"],
  "forwardPorts": [3000],
  "postCreateCommand": "true",
  "postStartCommand": "true"
}
`;
const DOCKERFILE = '.devcontainer/Dockerfile';
const BUILT = {
  [CONFIG_FILE]: CONFIG,
  [DOCKERFILE]: `FROM ${baseImage}\nARG LEVEL\nCOPY src /src\nRUN echo $LEVEL\n`,
  'src/main.py': 'print(1)\n',
  'README.md': 'not copied',
};
const VOLUME = 'shipshape-foreign-args:/args:ro';
/** Everything in it is told by the label and the container's settings. */
const TOLD = {
  [CONFIG_FILE]: CONFIG.replace(/"build".*/, `"image": "${baseImage}",`).replace(
    '"--shm-size=128m"',
    `"--shm-size=128m", "-v", "${VOLUME}", "--mount", "type=bind,src=/usr,dst=/host", "-e", "ARG=1", "-u", "root"`,
  ),
};

const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
const probable = { probable: true, file: expect.any(String) as string } as const;
const maybeConfig: Partial<Change> = { input: CONFIG_FILE, effect: 'unknown', ...probable };

describe.each([
  ['a Dockerfile', BUILT],
  ['an image', TOLD],
])('a container that the bare CLI made of %s', (kind, files) => {
  const isBuilt = kind === 'a Dockerfile';
  let project: ForeignProject;
  let storage: string;
  let core: Core | undefined;

  const open = async (dockerHost: string = inject('dockerHost')): Promise<Core> => {
    core = await startCore({ dockerHost, folders: [project.folder], storage });
    return core;
  };
  const running = (): Core => {
    if (!core) throw new Error('No core was started.');
    return core;
  };
  const close = async (): Promise<void> => {
    await core?.dispose();
    core = undefined;
  };
  /** The item as a window shows it that is opened now. */
  const seen = async (): Promise<DevContainer> => judged(await open(), project.folder);

  /** Waits until there is a record on disk that says so. */
  const kept = (source: string): Promise<unknown> =>
    waitFor(`a record that is ${source}`, async () => {
      const records = await new FileRecords(join(storage, 'made-from'), silentLogger).readAll();
      return [...records.values()].some((record) => (record as { source: string }).source === source);
    });

  beforeAll(async () => {
    project = await ForeignProject.make(files, env);
    await project.up();
  });
  afterAll(() => project.remove());
  beforeEach(async () => {
    storage = await mkdtemp(join(tmpdir(), 'shipshape-foreign-storage-'));
  });
  afterEach(async () => {
    await close();
    await project.restore();
    await rm(storage, { recursive: true, force: true });
  });

  test('is clean while nothing was touched, and from then on known by what it was made from', async () => {
    expect(await seen()).toMatchObject({ dirty: false, changes: [] });
    await kept('observed');
    await close();
    for (const file of Object.keys(files)) await project.touch(file);
    expect(await seen()).toMatchObject({ dirty: false, changes: [] });
    await close();
    await project.edit(CONFIG_FILE, '--shm-size=128m', '--shm-size=256m');
    expect((await seen()).changes).toMatchObject([{ property: 'runArgs', effect: 'recreate', line: 6 }]);
  });

  test.each<[string, string, Partial<Change>]>([
    ['"dev"', '"test"', { property: 'containerEnv.MODE', from: '"dev"', to: '"test"', effect: 'recreate' }],
    ['"dev"', '"dev", "MORE": "1"', { property: 'containerEnv.MORE', to: '"1"', effect: 'recreate' }],
    ['target=/vol', 'target=/other', { property: 'mounts', effect: 'recreate' }],
    ['boxy', 'roomy', { property: 'runArgs', to: '["--hostname roomy"]', effect: 'recreate' }],
    ['128m', '256m', { property: 'runArgs', to: '["--shm-size=256m"]', effect: 'recreate' }],
    [
      '"postCreateCommand": "true"',
      '"postCreateCommand": "false"',
      { property: 'postCreateCommand', from: '"true"', to: '"false"', effect: 'recreate' },
    ],
    [
      '"postStartCommand": "true"',
      '"postStartCommand": "false"',
      { property: 'postStartCommand', effect: 'restart' },
    ],
  ])('%s edited to %s unseen is told by label and settings', async (from, to, change) => {
    await project.edit(CONFIG_FILE, from, to);
    const { dirty, changes } = await seen();
    expect(changes).toMatchObject([{ input: CONFIG_FILE, file: project.path(CONFIG_FILE), ...change }]);
    expect(changes[0]?.probable).toBeUndefined();
    expect(dirty).toBe(true);
  });

  test('a property without effect is listed; what else its file may say differently is told by the time', async () => {
    await project.edit(CONFIG_FILE, '3000', '3001');
    const { dirty, changes } = await seen();
    const told = { property: 'forwardPorts', from: '[3000]', to: '[3001]', effect: 'none' };
    expect(changes).toMatchObject(isBuilt ? [told, maybeConfig] : [told]);
    expect(dirty).toBe(isBuilt);
  });

  test('a touch counts only where the container does not tell of everything', async () => {
    await project.touch(CONFIG_FILE);
    const flags: boolean[] = [];
    const used = await open();
    const isDirty = (): boolean => used.item(project.folder).dirty;
    flags.push(isDirty());
    const listening = used.inventory.onDidChange(() => flags.push(isDirty()));
    const item = await judged(used, project.folder);
    listening.dispose();
    expect(item.changes).toMatchObject(isBuilt ? [maybeConfig] : []);
    if (!isBuilt) expect(flags).not.toContain(true);
  });

  test('git checkout of the same content is as a touch, and is accepted for good', async () => {
    const git = (...args: string[]) => run('git', args, { cwd: project.folder });
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-qm', 'one');
    for (const file of Object.keys(files)) await rm(project.path(file));
    await git('checkout', '-q', '.');
    const item = await seen();
    const maybe = isBuilt ? [CONFIG_FILE, DOCKERFILE, '.'] : [];
    expect(item.changes.map(({ input }) => input).sort()).toEqual(maybe.sort());
    expect(item.changes.every((change) => change.probable)).toBe(true);
    await accept();
    await snapshotWhere(running(), () => core?.item(project.folder).changes.length === 0);
    await kept('accepted');
    await close();
    expect(await seen()).toMatchObject({ dirty: false, changes: [] });
    await rm(project.path('.git'), { recursive: true });
  });

  async function accept(): Promise<void> {
    const { inventory, configs, inputs, drift } = running();
    const facts = inventory.facts(running().item(project.folder).key);
    const subject = facts && inventory.caseOf(facts);
    if (!subject) throw new Error('There is nothing to accept.');
    const reading = await configs.read(subject.configFile);
    if (reading.status !== 'ok') throw new Error('The configuration cannot be read.');
    const { readings } = await inputs.read({ ...subject, config: reading.value });
    drift.record(subject, 'accepted', { reading, inputs: readings });
  }

  if (!isBuilt) {
    test.each([
      ['a variable', ', "-e", "ARG=1"'],
      ['a user', ', "-u", "root"'],
      ['a volume', `, "-v", "${VOLUME}"`],
      ['a mount', ', "--mount", "type=bind,src=/usr,dst=/host"'],
    ])('%s that runArgs ask for no more has probably changed it', async (_, option) => {
      await project.edit(CONFIG_FILE, option, '');
      expect((await seen()).changes).toMatchObject([maybeConfig]);
    });

    test('a volume of runArgs that is to be writable now is a change for sure', async () => {
      await project.edit(CONFIG_FILE, VOLUME, VOLUME.replace(':ro', ''));
      const [change] = (await seen()).changes;
      expect(change).toMatchObject({ property: 'runArgs', effect: 'recreate', line: 6 });
      expect(change?.probable).toBeUndefined();
    });
    return;
  }

  describe('by times alone', () => {
    test.each<[string, () => Promise<void>, Partial<Change>]>([
      [
        'the Dockerfile',
        () => project.edit(DOCKERFILE, 'echo', 'true'),
        { input: DOCKERFILE, effect: 'rebuild' },
      ],
      ['the Dockerfile, touched', () => project.touch(DOCKERFILE), { input: DOCKERFILE, effect: 'rebuild' }],
      ['a copied file', () => project.edit('src/main.py', '1', '2'), { effect: 'rebuild' }],
      ['a build argument', () => project.edit(CONFIG_FILE, '"one"', '"two"'), maybeConfig],
      ['an option fewer', () => project.edit(CONFIG_FILE, ', "--shm-size=128m"', ''), maybeConfig],
    ])('%s has probably changed', async (_, deed, change) => {
      await deed();
      const item = await seen();
      expect(item.changes).toMatchObject([{ ...probable, ...change }]);
      expect(item.dirty).toBe(true);
      expect(description(item)).toContain('probably changed');
    });

    test('a file that is not copied does not count', async () => {
      await project.write('README.md', 'other');
      expect(await seen()).toMatchObject({ dirty: false, changes: [] });
    });

    test.each([-3_600_000, 3_600_000])('the verdict is right on an engine %d ms off', async (offMs) => {
      const skewed = await startSkewedEngine(inject('dockerHost').replace('unix://', ''), offMs);
      try {
        const item = await judged(await open(skewed.endpoint), project.folder);
        const skew = core?.engines.find(item.engine)?.skewMs ?? 0;
        expect(Math.abs(skew - offMs)).toBeLessThan(2_000);
        expect(item).toMatchObject({ dirty: false, changes: [] });
        await kept('observed');
        await close();
        await rm(join(storage, 'made-from'), { recursive: true });
        await project.touch(DOCKERFILE);
        const touched = await judged(await open(skewed.endpoint), project.folder);
        expect(touched.changes).toMatchObject([{ input: DOCKERFILE, ...probable }]);
      } finally {
        await close();
        await skewed.stop();
      }
    });
  });
});
