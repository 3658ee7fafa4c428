import type { DevContainer, Snapshot, Target } from '../api';
import { ShipshapeError } from '../common/errors';
import { comparable, configKey } from './identity';

/**
 * The dev container that a target means. Throws `notFound`, or `invalidArgument` where several could be meant: other
 * configurations of the folder, or the same on other engines.
 */
export function findTarget(snapshot: Snapshot, target: Target): DevContainer {
  checkEngine(snapshot, target.engine);
  const meant = usualOnes(
    matching(snapshot, target).filter((item) => target.engine === undefined || item.engine === target.engine),
    target,
  );
  const running = meant.filter((item) => item.state === 'running');
  const [first, second] = running.length === 1 && isOneConfig(meant) ? running : meant;
  if (!first) throw nothingThere(target);
  if (second) throw new ShipshapeError('invalidArgument', severalMeant(snapshot, target, meant));
  return first;
}

/**
 * The dev container that a target means, or else, since it can be created on the target's engine, that of the same
 * configuration on another one. Throws as `findTarget` does.
 */
export function findAnywhere(snapshot: Snapshot, target: Target): DevContainer {
  checkEngine(snapshot, target.engine);
  const isThere = (item: DevContainer): boolean => item.engine === target.engine;
  const meant = usualOnes(
    matching(snapshot, target).filter((item) => isThere(item) || item.configFile !== undefined),
    target,
  );
  const item = meant.find(isThere) ?? meant[0];
  if (!item) throw nothingThere(target);
  if (isOneConfig(meant)) return item;
  throw new ShipshapeError('invalidArgument', severalMeant(snapshot, target, meant));
}

function matching({ devContainers }: Snapshot, { workspaceFolder, configFile }: Target): DevContainer[] {
  const folder = comparable(workspaceFolder);
  return devContainers.filter(
    (item) =>
      comparable(item.workspaceFolder) === folder &&
      (configFile === undefined || comparable(item.configFile ?? '') === comparable(configFile)),
  );
}

/** Of a folder's configurations, where none was named, the one that every tool takes. */
function usualOnes(items: readonly DevContainer[], target: Target): readonly DevContainer[] {
  if (target.configFile !== undefined) return items;
  const usual = items.filter((item) =>
    /[\\/]\.devcontainer[\\/]devcontainer\.json$/.test(item.configFile ?? ''),
  );
  return usual.length > 0 ? usual : items;
}

function isOneConfig(items: readonly DevContainer[]): boolean {
  return new Set(items.map(configKey)).size === 1;
}

function checkEngine({ engines }: Snapshot, engine: string | undefined): void {
  if (engine === undefined || engines.some(({ key }) => key === engine)) return;
  const there = engines.map(({ key, name }) => `${key} (${name})`).join(', ') || 'none';
  throw new ShipshapeError('notFound', `The engine ${engine} is not shown; those that are: ${there}.`);
}

function nothingThere({ workspaceFolder, configFile, engine }: Target): ShipshapeError {
  const where = engine === undefined ? '' : ` on ${engine}`;
  return new ShipshapeError(
    'notFound',
    `There is no dev container for ${configFile ?? workspaceFolder}${where}.`,
  );
}

function severalMeant({ engines }: Snapshot, target: Target, items: readonly DevContainer[]): string {
  const folder = target.workspaceFolder;
  if (!isOneConfig(items)) {
    return `${folder} has several configurations; name one of ${items.map((item) => item.configFile).join(', ')}.`;
  }
  const names = items.map(({ engine }) => {
    const name = engines.find(({ key }) => key === engine)?.name;
    return name === undefined ? engine : `${engine} (${name})`;
  });
  return `${folder} has a dev container on several engines; name one of ${names.join(', ')}.`;
}
