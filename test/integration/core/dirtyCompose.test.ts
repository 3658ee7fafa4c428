/** What makes a Compose dev container dirty, with the real compose command; made here and by the bare CLI. */
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { Change } from '../../../src/api';
import type { Logger } from '../../../src/common/logger';
import { description } from '../../../src/core/words';
import { CONFIG_FILE, ForeignProject, judged } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { countedCompose } from '../../support/countedCompose';

const COMPOSE = '.devcontainer/compose.yml';
const FILES: Readonly<Record<string, string>> = {
  [CONFIG_FILE]: JSON.stringify({
    dockerComposeFile: 'compose.yml',
    service: 'app',
    runServices: ['app'],
    workspaceFolder: '/workspace',
    remoteEnv: { A: '1' },
  }),
  [COMPOSE]: `version: "3.4"
services:
  app:
    extends: { file: base.yml, service: base }
    image: "${baseImage}"
    command: sleep 1000
    environment:
      MODE: "dev"
      ASKED: "\${TOKEN}"
    env_file: [app.env]
    volumes: ["..:/workspace"]
    depends_on: [db]
  db:
    image: "${baseImage}"
    command: sleep 1000
`,
  '.devcontainer/base.yml': 'version: "3.4"\nservices: { base: { environment: { BASE: "one" } } }\n',
  '.devcontainer/app.env': 'SECRET=canary-file\n',
  '.devcontainer/.env': 'TOKEN=canary-token\n',
};

describe.each(['Shipshape', 'the bare CLI'])('a Compose dev container that %s made', (maker) => {
  let bin: string;
  let storage: string;
  let project: ForeignProject;
  let core: Core;
  let env: NodeJS.ProcessEnv;
  const log: string[] = [];
  const say = (message: string): void => void log.push(message);
  const logger: Logger = { trace: say, debug: say, info: say, warn: say, error: say };

  const mine = () => core.item(project.folder);
  const open = async (): Promise<void> => {
    core = await startCore({
      ...{ dockerHost: inject('dockerHost'), folders: [project.folder] },
      ...{ storage, env, logger },
    });
  };
  /** The runs of the compose command, by what they were asked for. */
  const runs = async (of = ''): Promise<number> => {
    const lines = (await readFile(join(bin, 'runs'), 'utf8').catch(() => '')).split('\n');
    return lines.filter((line) => line !== '' && line.includes(of)).length;
  };
  const save = async (file: string, text: string): Promise<void> => {
    await writeFile(`${project.path(file)}.new`, text);
    await rename(`${project.path(file)}.new`, project.path(file));
  };
  const edit = (file: string, from: string, to: string): Promise<void> => {
    const text = FILES[file] ?? '';
    expect(text).toContain(from);
    return save(file, text.replace(from, to));
  };
  const restore = async (file: string): Promise<void> => save(file, FILES[file] ?? '');
  const looked = async (): Promise<void> => {
    await Promise.all([core.watcher.check(), core.inputWatcher.check(), core.configs.check()]);
    await core.inputs.check();
  };
  const kept = (): Promise<unknown> =>
    vi.waitFor(async () => {
      const names = await readdir(join(storage, 'made-from'));
      expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(1);
    });

  beforeAll(async () => {
    bin = await mkdtemp(join(tmpdir(), 'shipshape-compose-bin-'));
    storage = await mkdtemp(join(tmpdir(), 'shipshape-compose-storage-'));
    const search = process.env['PATH'] ?? '';
    await countedCompose(bin, search);
    env = { ...process.env, PATH: `${bin}:${search}`, DOCKER_HOST: inject('dockerHost') };
    project = await ForeignProject.make(FILES, env);
    if (maker === 'the bare CLI') await project.up();
    await open();
    if (maker === 'Shipshape') expect(await core.up(project.folder)).toMatchObject({ outcome: 'succeeded' });
    expect(await judged(core, project.folder)).toMatchObject({ dirty: false, changes: [] });
    await kept();
  }, 120_000);

  afterAll(async () => {
    await core.dispose();
    await project.remove();
    for (const path of [bin, storage]) await rm(path, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const file of Object.keys(FILES)) await restore(file);
    await looked();
  });

  test('at a start the compose command does not run while nothing has changed', async () => {
    await core.dispose();
    const before = await runs();
    await open();
    expect(await judged(core, project.folder)).toMatchObject({ dirty: false, changes: [] });
    await looked();
    expect(await runs()).toBe(before);
  });

  test.each<[string, string, string, string]>([
    ['a comment', COMPOSE, 'services:', '# why\nservices:'],
    ['other quotes', COMPOSE, '"dev"', "'dev' # so"],
    [
      'another order',
      COMPOSE,
      '      MODE: "dev"\n      ASKED: "${TOKEN}"',
      '      ASKED: "${TOKEN}"\n      MODE: dev',
    ],
    ['a service that nothing needs', COMPOSE, 'services:', 'services:\n  other: { image: other }'],
    ['a comment in the extended file', '.devcontainer/base.yml', 'services', '# why\nservices'],
    ['a comment in the env file', '.devcontainer/app.env', 'SECRET', '# why\nSECRET'],
    ['a variable that nothing uses', '.devcontainer/.env', 'TOKEN', 'UNUSED=1\nTOKEN'],
  ])('%s changes nothing, at the price of one run', async (_, file, from, to) => {
    const before = await runs('config');
    await edit(file, from, to);
    await looked();
    expect(mine()).toMatchObject({ dirty: false, changes: [] });
    expect(await runs('config')).toBe(before + 1);
    await restore(file);
    await looked();
    expect(await runs('config')).toBe(before + 1);
  });

  test.each<[string, string, string, string, Partial<Change>]>([
    [
      'an environment value',
      COMPOSE,
      '"dev"',
      '"test"',
      { property: 'services.app.environment.MODE', from: 'dev', to: 'test', effect: 'recreate' },
    ],
    [
      'the extended file',
      '.devcontainer/base.yml',
      '"one"',
      '"two"',
      { property: 'services.app.environment.BASE', from: 'one', to: 'two', effect: 'recreate' },
    ],
    [
      'the env file',
      '.devcontainer/app.env',
      'canary-file',
      'canary-other',
      { input: '.devcontainer/app.env', property: 'services.app.environment.SECRET', effect: 'recreate' },
    ],
    [
      'a value of .env',
      '.devcontainer/.env',
      'canary-token',
      'canary-other',
      { property: 'services.app.environment.ASKED', effect: 'recreate' },
    ],
    [
      "a sibling's image",
      COMPOSE,
      `db:\n    image: "${baseImage}"`,
      'db:\n    image: "busybox:9"',
      { property: 'services.db.image', from: baseImage, to: 'busybox:9', effect: 'rebuild' },
    ],
  ])('%s is named with its effect, and undone it is clean again', async (_, file, from, to, change) => {
    const before = await runs('config');
    await edit(file, from, to);
    await snapshotWhere(core, () => mine().dirty);
    await looked();
    const { input = COMPOSE } = change;
    expect(mine().changes).toMatchObject([{ ...change, input, file: project.path(input) }]);
    expect(Object.keys(change).includes('to') || mine().changes[0]?.to === undefined).toBe(true);
    expect(JSON.stringify(core.inventory.snapshot)).not.toContain('canary');
    expect(await runs('config')).toBe(before + 1);
    await restore(file);
    await snapshotWhere(core, () => !mine().dirty);
    await looked();
    expect(mine().changes).toEqual([]);
    expect(await runs('config')).toBe(before + 1);
  });

  test('what the compose command refuses is invalid at its line, at the price of one run; the files speak meanwhile', async () => {
    const before = await runs('config');
    await edit(COMPOSE, 'command: sleep 1000\n    environment', 'comand: ${TOKEN}\n    environment');
    await snapshotWhere(core, () => mine().problem !== undefined);
    await looked();
    expect(mine().changes.map(({ input }) => input)).toContain(COMPOSE);
    expect(description(mine())).toBe('compose.yml invalid, line 6');
    expect(await runs('config')).toBe(before + 1);
    await restore(COMPOSE);
    await snapshotWhere(core, () => !mine().dirty && mine().problem === undefined);
  });

  test.each([
    ['no YAML', 'services:', 'services: [', 'compose.yml invalid, line 4'],
    ['without the service', 'services:\n  app:', 'services:\n  other:', 'configuration invalid, line 1'],
  ])('a file %s is said as invalid, with its place, until it is whole again', async (_, from, to, said) => {
    await edit(COMPOSE, from, to);
    await snapshotWhere(core, () => mine().problem !== undefined);
    expect([mine().dirty, description(mine())]).toEqual([true, said]);
    await restore(COMPOSE);
    await snapshotWhere(core, () => mine().problem === undefined && !mine().dirty);
    expect(mine().changes).toEqual([]);
  });

  test('an env file that is gone is told, and back it is clean again', async () => {
    const file = '.devcontainer/app.env';
    await rename(project.path(file), project.path(`${file}.away`));
    await snapshotWhere(core, () => mine().problem !== undefined);
    await looked();
    const namedAt = { file: project.path(COMPOSE), line: 10 };
    expect(mine().changes).toContainEqual(
      expect.objectContaining({ input: file, from: 'file', to: 'missing', effect: 'recreate', namedAt }),
    );
    expect(mine().problem).toEqual({ message: `Env file \`${file}\` does not exist.`, ...namedAt });
    await rename(project.path(`${file}.away`), project.path(file));
    await snapshotWhere(core, () => !mine().dirty);
  });

  test('no secret is in a log or on disk', async () => {
    expect(log.join('\n')).not.toContain('canary');
    expect(JSON.stringify(core.lines)).not.toContain('canary');
    for (const file of await readdir(storage, { recursive: true, withFileTypes: true })) {
      // The CLI's own full output stays with its job, for the user's eyes only.
      if (!file.isFile() || file.parentPath.startsWith(join(storage, 'jobs'))) continue;
      const path = join(file.parentPath, file.name);
      expect([path, (await readFile(path, 'utf8')).includes('canary')]).toEqual([path, false]);
    }
  });

  test('an edit while the window is closed is told, with one run', async () => {
    await core.dispose();
    const before = await runs('config');
    await edit('.devcontainer/.env', 'canary-token', 'canary-other');
    await open();
    await snapshotWhere(core, () => mine().dirty);
    await looked();
    expect(mine().changes).toMatchObject([{ property: 'services.app.environment.ASKED' }]);
    expect(await runs('config')).toBe(before + 1);
    await restore('.devcontainer/.env');
    await snapshotWhere(core, () => !mine().dirty);
  });

  test('without a record it has probably changed, by the times of its files', async () => {
    await core.dispose();
    await rm(join(storage, 'made-from'), { recursive: true });
    await project.restore();
    await edit(COMPOSE, '"dev"', '"test"');
    await open();
    const { changes } = await judged(core, project.folder);
    expect(changes).toMatchObject([{ input: COMPOSE, effect: 'recreate', probable: true }]);
  });
});
