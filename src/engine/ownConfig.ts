/**
 * Telling what was asked for a container from what its image brought: engines mix both into `Config` when they make it
 * (moby, daemon/commit.go `merge` and daemon/container.go), and what came from an old image must not outlive it.
 */
import { isDeepStrictEqual } from 'node:util';
import { asArray, asRecord, asString } from './json';

type Body = Readonly<Record<string, unknown>>;

/** The `Config` of a container without what the `Config` of its image says in the same words. */
export function withoutImageConfig(config: Body, image: Body): Body {
  const own = new Map(Object.entries(config));
  for (const name of ['Labels', 'ExposedPorts', 'Volumes'])
    own.set(name, ownEntries(config[name], image[name]));
  own.set('Env', ownVariables(config['Env'], image['Env']));
  for (const name of ['User', 'WorkingDir', 'StopSignal', 'Healthcheck', 'Shell', 'OnBuild', 'ArgsEscaped']) {
    if (isDeepStrictEqual(config[name], image[name])) own.delete(name);
  }
  for (const [name, value] of Object.entries(ownCommand(config, image))) own.set(name, value);
  return Object.fromEntries([...own].filter(([, value]) => value !== undefined));
}

/** Entries of an object that are not in the other with the same value. */
function ownEntries(value: unknown, image: unknown): Body | undefined {
  const inherited = asRecord(image) ?? {};
  const own = Object.entries(asRecord(value) ?? {}).filter(
    ([key, each]) => !(Object.hasOwn(inherited, key) && isDeepStrictEqual(each, inherited[key])),
  );
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

function ownVariables(value: unknown, image: unknown): string[] | undefined {
  const inherited = new Set(asArray(image));
  const own = asArray(value).filter(
    (each): each is string => typeof each === 'string' && !inherited.has(each),
  );
  return own.length > 0 ? own : undefined;
}

/**
 * An entrypoint that was asked for takes the image's command away, so that a command beside it was asked for too. One
 * that was taken away has to be asked for as an empty one.
 */
function ownCommand(config: Body, image: Body): Body {
  const words = (value: unknown): string[] => asArray(value).flatMap((each) => asString(each) ?? []);
  const [entrypoint, inherited] = [words(config['Entrypoint']), words(image['Entrypoint'])];
  const isOwn = !isDeepStrictEqual(entrypoint, inherited);
  const hasOwnCommand = isOwn || !isDeepStrictEqual(words(config['Cmd']), words(image['Cmd']));
  return {
    Entrypoint: isOwn ? (entrypoint.length > 0 ? entrypoint : ['']) : undefined,
    Cmd: hasOwnCommand ? config['Cmd'] : undefined,
  };
}
