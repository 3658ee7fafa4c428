import type { CliRequest, CliResult, ContainerFacts } from '../../src/core/ports';
import { cliResult, fakeCore, type FakeCore } from './fakeCore';
import { devContainer } from './fakeEngine';

export const FILE = '/w/.devcontainer/devcontainer.json';
export const TWO = '/w/.devcontainer/two/devcontainer.json';
export const THREE = '/w/.devcontainer/three/devcontainer.json';
export const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];

export async function started(
  containers: readonly ContainerFacts[] = [devContainer('a', '/w', FILE)],
  parallel = 2,
) {
  const core = fakeCore({ parallel });
  for (const facts of containers) core.engine.containers.set(facts.id, facts);
  for (const file of [FILE, TWO, THREE]) core.disk.put(file, { image: 'image:1' });
  await core.start();
  const keyOf = (configFile: string): string =>
    core.inventory.find({ workspaceFolder: '/w', configFile }).key;
  const item = () => core.inventory.find({ workspaceFolder: '/w', configFile: FILE });
  return { ...core, keyOf, item, key: keyOf(FILE) };
}

/** What the CLI does with the engine: the old container steps aside, the new one runs. */
export async function replace({ engine }: Pick<FakeCore, 'engine'>, request: CliRequest): Promise<CliResult> {
  const { containerId, setAsideName } = request.replace ?? {};
  if (containerId !== undefined) {
    await engine.stop(containerId);
    await engine.rename(containerId, setAsideName ?? '');
  }
  engine.containers.set(NEW, devContainer('b', '/w', request.configFile, { startedAt: 1200 }));
  return cliResult({ containerId: NEW });
}
