import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockfileWith, upgradable } from '../../../src/core/features';
import { FeatureCli } from '../../../src/devcontainers/featureCli';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { putFeature } from '../../support/registryFeatures';

let registry: TestRegistry;
let folder: string;
let cli: FeatureCli;
const idOf = (name: string): string =>
  `${registry.host.replace('127.0.0.1', 'localhost')}/features/${name}:1`;
const config = () => ({
  workspaceFolder: folder,
  configFile: join(folder, '.devcontainer/devcontainer.json'),
});
const lockFile = () => join(folder, '.devcontainer/devcontainer-lock.json');

beforeEach(async () => {
  registry = await startRegistry();
  folder = await mkdtemp(join(tmpdir(), 'shipshape-features-'));
  await mkdir(join(folder, '.devcontainer'));
  cli = new FeatureCli({
    storageFolder: join(folder, 'storage'),
    bundledCli: resolve('node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js'),
    cliPath: () => undefined,
  });
  for (const name of ['tern', 'gull']) await putFeature(registry.url, name, '1.0.0');
  const features = { [idOf('tern')]: {}, [idOf('gull')]: {} };
  await writeFile(config().configFile, JSON.stringify({ image: 'x', features }));
  await writeFile(lockFile(), await cli.newestLockfile(config()));
});
afterEach(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the CLI tells which Features are outdated, and one of them is upgraded without the other; nothing is written by asking', async () => {
  expect(upgradable(await cli.versions(config()))).toEqual([]);
  for (const name of ['tern', 'gull']) await putFeature(registry.url, name, '1.1.0');
  await putFeature(registry.url, 'gull', '2.0.0');
  const written = [await readFile(lockFile(), 'utf8'), await readFile(config().configFile, 'utf8')];
  expect(await cli.versions(config())).toEqual([
    { id: idOf('tern'), current: '1.0.0', wanted: '1.1.0', latest: '1.1.0' },
    { id: idOf('gull'), current: '1.0.0', wanted: '1.1.0', latest: '2.0.0' },
  ]);
  const next = lockfileWith(written[0] ?? '', await cli.newestLockfile(config()), idOf('tern'));
  expect([await readFile(lockFile(), 'utf8'), await readFile(config().configFile, 'utf8')]).toEqual(written);
  await writeFile(lockFile(), next ?? '');
  const after = await cli.versions(config());
  expect(after.map(({ current }) => current)).toEqual(['1.1.0', '1.0.0']);
  // As the CLI itself writes it.
  const withoutVersions = (text = ''): string => text.replaceAll(/1\.[01]\.0|sha256:\w+/g, '');
  expect(withoutVersions(next)).toBe(withoutVersions(written[0]));
});

test('a registry that is away gives no versions, and no lockfile', async () => {
  await registry.stop();
  const versions = await cli.versions(config());
  expect(upgradable(versions)).toEqual([]);
  await expect(cli.newestLockfile(config())).rejects.toThrow(
    'The Dev Containers CLI cannot tell of Features',
  );
});
