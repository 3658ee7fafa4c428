import { isRecord, own } from '../../common/record';

/** The services that count: those that are started, and what they need. */
export function neededServices(
  started: readonly string[],
  definitions: (name: string) => readonly unknown[],
): Set<string> {
  const needed = new Set<string>();
  const waiting = [...started];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    for (const definition of definitions(name)) waiting.push(...neededBy(definition));
  }
  return needed;
}

/** Names in a list, or the keys of a mapping: Compose allows both in many places. */
function namesIn(value: unknown): string[] {
  if (isRecord(value)) return Object.keys(value);
  return textsIn(value);
}

/** The strings of a list, or the one string. */
export function textsIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string');
}

const topLevel = ['networks', 'volumes', 'configs', 'secrets'] as const;

/** A merged model with the services that count and what of the rest they use. */
export function limitModel(model: unknown, services: ReadonlySet<string>): Record<string, unknown> {
  const kept = pick(own(model, 'services'), (name) => services.has(name));
  const limited: Record<string, unknown> = { services: kept };
  for (const kind of topLevel) {
    const used = new Set(Object.values(kept).flatMap((service) => usedBy(service, kind)));
    const resources = pick(own(model, kind), (name) => used.has(name));
    if (Object.keys(resources).length > 0) limited[kind] = resources;
  }
  return limited;
}

export function pick(value: unknown, keeps: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).filter(([key]) => keeps(key)));
}

function neededBy(service: unknown): string[] {
  const links = [...textsIn(own(service, 'links')), ...textsIn(own(service, 'volumes_from'))];
  const shared = ['network_mode', 'ipc', 'pid']
    .map((key) => own(service, key))
    .flatMap((mode) => (typeof mode === 'string' && mode.startsWith('service:') ? [mode.slice(8)] : []));
  return [
    ...namesIn(own(service, 'depends_on')),
    ...links.map((link) => link.split(':')[0] ?? '').filter((name) => name !== 'container'),
    ...shared,
  ];
}

function usedBy(service: unknown, kind: (typeof topLevel)[number]): string[] {
  const value = own(service, kind);
  if (kind === 'networks') {
    const names = namesIn(value);
    return names.length === 0 ? ['default'] : names;
  }
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((item) => {
    const source = typeof item === 'string' ? item.split(':')[0] : own(item, 'source');
    return typeof source === 'string' ? [source] : [];
  });
}
