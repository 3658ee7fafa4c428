import { mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { WatchGround } from './watchGround';

let ground: WatchGround;

beforeEach(async () => {
  ground = await WatchGround.make();
});

afterEach(() => ground.dispose());

test('plain write', async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, () => writeFile(ground.config, '{"a":1}'));
  await ground.stillHears();
});

test('atomic rename, twice', async () => {
  await ground.watch(ground.config);
  for (const name of ['a', 'b']) {
    await writeFile(join(ground.project, '.devcontainer', `.${name}.tmp`), `{"x":"${name}"}`);
    await ground.seen(ground.config, () =>
      rename(join(ground.project, '.devcontainer', `.${name}.tmp`), ground.config),
    );
  }
  await ground.stillHears();
});

test('deleted and made anew', async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, () => unlink(ground.config));
  await ground.seen(ground.config, () => writeFile(ground.config, '{"again":1}'));
  await ground.stillHears();
});

test('its folder removed and made anew', async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, () => rm(join(ground.project, '.devcontainer'), { recursive: true }));
  await ground.seen(ground.config, async () => {
    await mkdir(join(ground.project, '.devcontainer'));
    await writeFile(ground.config, '{"again":1}');
  });
  await ground.stillHears();
});

test('its folder renamed away and a new one made', async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, () =>
    rename(join(ground.project, '.devcontainer'), join(ground.project, 'away')),
  );
  await ground.seen(ground.config, async () => {
    await mkdir(join(ground.project, '.devcontainer'));
    await writeFile(ground.config, '{"again":1}');
  });
  await ground.stillHears();
});

test('the whole project renamed away and made anew, after the next check()', async () => {
  await ground.watch(ground.config);
  await rename(ground.project, join(ground.root, 'away'));
  await mkdir(join(ground.project, '.devcontainer'), { recursive: true });
  await ground.seen(ground.config, () =>
    writeFile(ground.config, '{"again":1}').then(() => ground.watcher.check()),
  );
  await ground.watcher.ready();
  await ground.stillHears();
});

test('the whole project renamed away and made anew, by the looks of the safety net', async () => {
  await ground.dispose();
  ground = await WatchGround.make({ safetyNetMs: 20 });
  await ground.watch(ground.config);
  await rename(ground.project, join(ground.root, 'away'));
  await mkdir(join(ground.project, '.devcontainer'), { recursive: true });
  await ground.seen(ground.config, () => writeFile(ground.config, '{"again":1}'));
  await ground.stillHears();
});

test("vim's backup: renamed away, written anew, backup deleted", async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, async () => {
    await rename(ground.config, `${ground.config}~`);
    await writeFile(ground.config, '{"vim":1}');
    await unlink(`${ground.config}~`);
  });
  await ground.stillHears();
});

test('a folder in its place, and the file again', async () => {
  for (const place of [ground.config, join(ground.project, 'devcontainer.json')]) {
    await writeFile(place, '{}');
    await ground.watch(place);
    await ground.seen(place, async () => {
      await rm(place);
      await mkdir(place);
    });
    await ground.seen(place, async () => {
      await rm(place, { recursive: true });
      await writeFile(place, '{"again":1}');
    });
    await ground.seen(place, () => writeFile(place, '{"again":22}'));
  }
});

test('only the times change', async () => {
  await ground.watch(ground.config);
  await ground.seen(ground.config, () => utimes(ground.config, new Date(), new Date(1_000_000_000_000)));
});

test('through the target of a link, and the link set elsewhere', async () => {
  const target = join(ground.root, 'elsewhere.json');
  const other = join(ground.root, 'other.json');
  await writeFile(target, '{}');
  await writeFile(other, '{}');
  await unlink(ground.config);
  await symlink(target, ground.config);
  await ground.watch(ground.config);
  await ground.seen(ground.config, () => writeFile(target, '{"a":1}'));
  await ground.seen(ground.config, async () => {
    await symlink(other, `${ground.config}.new`);
    await rename(`${ground.config}.new`, ground.config);
  });
  await ground.watcher.ready();
  await ground.seen(ground.config, () => writeFile(other, '{"b":1}'));
});

test('in a project that is reached through a link', async () => {
  const link = join(ground.root, 'link');
  await symlink(ground.project, link);
  const linked = join(link, '.devcontainer', 'devcontainer.json');
  await ground.watch(linked);
  await ground.seen(linked, () => writeFile(ground.config, '{"a":1}'));
  await ground.seen(linked, () => rm(join(ground.project, '.devcontainer'), { recursive: true }));
  await ground.seen(linked, async () => {
    await mkdir(join(ground.project, '.devcontainer'));
    await writeFile(ground.config, '{"again":1}');
  });
});

test('in a .devcontainer folder that is a link', async () => {
  await rename(join(ground.project, '.devcontainer'), join(ground.root, 'shared'));
  await symlink(join(ground.root, 'shared'), join(ground.project, '.devcontainer'));
  await ground.watch(ground.config);
  await ground.seen(ground.config, () =>
    writeFile(join(ground.root, 'shared', 'devcontainer.json'), '{"a":1}'),
  );
});

test('in each of the three places', async () => {
  const places = [
    ground.config,
    join(ground.project, '.devcontainer.json'),
    join(ground.project, '.devcontainer', 'x', 'devcontainer.json'),
  ];
  await mkdir(join(ground.project, '.devcontainer', 'x'));
  await ground.watch(...places);
  for (const place of places) await ground.seen(place, () => writeFile(place, '{"a":1}'));
});
