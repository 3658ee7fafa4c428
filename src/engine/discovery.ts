/** Which engines there are, as far as files tell: nothing is connected to. */
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { contextNames, currentContext } from './contexts';
import { fromContext, fromHost, resolveEndpoint, type ResolvedEndpoint } from './endpoints';
import { variable, type System } from './system';
import { usualSockets } from './usualSockets';

/** An engine that was found. */
export interface FoundEngine {
  /** By what it is found again: `context:NAME`, else its host string. */
  readonly id: string;
  readonly endpoint: ResolvedEndpoint;
}

/** A Docker context that leads to no engine, and why. */
export interface BrokenContext {
  readonly id: string;
  readonly name: string;
  readonly problem: string;
}

/** What the docker command would use, and why. */
export interface DockersChoice {
  /** Undefined when what decides cannot be used. */
  readonly endpoint?: ResolvedEndpoint;
  /** Who decides, and over whom: `DOCKER_HOST, which wins over the context "x"`. */
  readonly why: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

const CONTEXT = 'context:';

/**
 * Every Docker context, the engine of DOCKER_HOST and those that listen at the usual places, in this order; each once,
 * also when several lead to one socket. Contexts that lead nowhere come last; what has no name is left out.
 */
export async function findEngines(system: System, logger: Logger): Promise<(FoundEngine | BrokenContext)[]> {
  const host = variable(system, 'DOCKER_HOST');
  const contexts = (await contextNames(system)).filter((name) => name !== 'default');
  const ids = [
    ...contexts.map((name) => `${CONTEXT}${name}`),
    ...(host ? [host] : []),
    ...(await usualSockets(system)),
  ];
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        return { id, endpoint: await engineOf(id, system) };
      } catch (error) {
        logger.debug(`Not to be used: ${messageOf(error)}`);
        return { id, name: id.slice(CONTEXT.length), problem: messageOf(error) };
      }
    }),
  );
  const usable = found.filter((each): each is FoundEngine => 'endpoint' in each);
  const broken = found.filter(
    (each): each is BrokenContext => 'problem' in each && each.id.startsWith(CONTEXT),
  );
  return [...(await distinct(usable, ({ endpoint }) => endpoint, system)), ...broken];
}

/** The engine with this id, as it is now; rejects with invalidConfig when there is none. */
export function engineOf(id: string, system: System): Promise<ResolvedEndpoint> {
  if (!id.startsWith(CONTEXT)) return fromHost(id, 'choice', 'Your choice of engines', system);
  return fromContext(id.slice(CONTEXT.length), 'choice', 'Your choice of engines', system);
}

/** The engine that the docker command would use, the setting being before all. */
export async function dockersChoice(
  setting: string | undefined,
  system: System,
  logger: Logger,
): Promise<DockersChoice> {
  const why = await whoDecides(setting, system, logger);
  try {
    return { why, endpoint: await resolveEndpoint(setting, system, logger) };
  } catch (error) {
    return { why, problem: messageOf(error) };
  }
}

/** The first of those that lead to the same engine. */
export async function distinct<T>(
  all: readonly T[],
  endpointOf: (each: T) => ResolvedEndpoint,
  system: System,
): Promise<T[]> {
  const places = await Promise.all(all.map((each) => placeOf(endpointOf(each), system)));
  return all.filter((_, index) => places.indexOf(places[index] ?? '') === index);
}

/** Equal for endpoints that lead to the same engine, as far as links tell. */
export async function placeOf({ endpoint, transport }: ResolvedEndpoint, system: System): Promise<string> {
  return transport.kind === 'socket' ? system.realPath(transport.path) : endpoint;
}

async function whoDecides(setting: string | undefined, system: System, logger: Logger): Promise<string> {
  const wins = [
    ...(setting ? ['the setting shipshape.engine.host'] : []),
    ...['DOCKER_HOST', 'DOCKER_CONTEXT'].filter((name) => variable(system, name)),
  ];
  const current = await currentContext(system, logger);
  const context = current && current !== 'default' ? `the context "${current}"` : undefined;
  const [first, ...others] = [...wins, ...(context ? [context] : [])];
  if (first === undefined) return 'default, since no context is chosen';
  return others.length === 0 ? first : `${first}, which wins over ${others.join(' and ')}`;
}
