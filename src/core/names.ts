import { comparable, configKey } from './identity';

/** What a name is made for; `base` is the configuration's name or the folder's. */
export interface Named {
  readonly key: string;
  readonly base: string;
  readonly workspaceFolder: string;
  readonly configFile?: string;
}

/**
 * A name for each key: the base, and `-2`, `-3` for further ones of the same base, in the order of folder and
 * configuration path (S4-08). A key keeps the name it had in `previous`, also after it was away for a while; a
 * configuration that went to another engine takes its name along. Returns `previous` extended; the caller keeps it.
 */
export function assignNames(
  items: readonly Named[],
  previous: ReadonlyMap<string, string>,
): Map<string, string> {
  const names = new Map(previous);
  const sorted = [...items].sort(
    (a, b) =>
      compare(comparable(a.workspaceFolder), comparable(b.workspaceFolder)) ||
      compare(a.configFile ?? '', b.configFile ?? ''),
  );
  const present = new Set(items.map(({ key }) => key));
  const away = [...previous.keys()].filter((key) => !present.has(key));
  for (const item of sorted) {
    if (!names.has(item.key)) inherit(names, item, away);
    const old = names.get(item.key);
    if (old !== undefined && hasBase(old, item.base)) continue;
    names.delete(item.key);
    names.set(item.key, firstFree(item.base, new Set(names.values())));
  }
  return names;
}

/** Gives the item the name of the same configuration on an engine where it is not any more. */
function inherit(names: Map<string, string>, item: Named, away: readonly string[]): void {
  const from = away.find((key) => names.has(key) && key.endsWith(`|${configKey(item)}`));
  const name = from === undefined ? undefined : names.get(from);
  if (from === undefined || name === undefined) return;
  names.delete(from);
  names.set(item.key, name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hasBase(name: string, base: string): boolean {
  return name === base || (name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1)));
}

function firstFree(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  let n = 2;
  while (taken.has(`${base}-${n}`)) n++;
  return `${base}-${n}`;
}
