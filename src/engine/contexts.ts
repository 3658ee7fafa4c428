/**
 * Docker contexts as the docker command keeps them (seen with docker 28):
 * `contexts/meta/<sha256 of the name>/meta.json` = {Name, Metadata, Endpoints: {docker: {Host, SkipTLSVerify}}} and
 * `contexts/tls/<sha256 of the name>/docker/{ca,cert,key}.pem`, both under `$DOCKER_CONFIG` or `~/.docker`.
 */
import { createHash } from 'node:crypto';
import { ShipshapeError, messageOf } from '../common/errors';
import { silentLogger, type Logger } from '../common/logger';
import { asRecord, asString, parseJson } from './json';
import type { Tls } from './hosts';
import { pathsOf, variable, type System } from './system';

interface Context {
  /** Host string of the engine, unchecked. */
  readonly host: string;
  readonly tls?: Tls;
}

/** The folder of the docker command's settings. */
export function configFolder(system: System): string {
  return variable(system, 'DOCKER_CONFIG') ?? pathsOf(system).join(system.home, '.docker');
}

/** `currentContext` of config.json; like the docker command, warns and goes on when the file cannot be parsed. */
export async function currentContext(system: System, logger: Logger): Promise<string | undefined> {
  const file = pathsOf(system).join(configFolder(system), 'config.json');
  try {
    const bytes = await system.readFile(file);
    const config = bytes && asRecord(JSON.parse(bytes.toString('utf8')));
    if (bytes && !config) throw new Error('not a JSON object');
    return asString(config?.['currentContext']);
  } catch (error) {
    logger.warn(`${file} cannot be read, so the default engine is used: ${messageOf(error)}`);
    return undefined;
  }
}

/** The names of all contexts but the built-in "default", in order; unreadable ones are left out. */
export async function contextNames(system: System): Promise<string[]> {
  const paths = pathsOf(system);
  const folder = paths.join(configFolder(system), 'contexts', 'meta');
  const names = await Promise.all(
    (await system.list(folder)).map(async (entry) => {
      const bytes = await system.readFile(paths.join(folder, entry, 'meta.json')).catch(() => undefined);
      return bytes && asString(asRecord(parseJson(bytes.toString('utf8')))?.['Name']);
    }),
  );
  return names
    .filter((name) => name !== undefined)
    .filter(Boolean)
    .sort();
}

/** Whether config.json and the current context can be read whole; not so while someone is writing them. */
export async function areContextsWhole(system: System): Promise<boolean> {
  const paths = pathsOf(system);
  const isWhole = async (file: string): Promise<boolean> => {
    const bytes = await system.readFile(file);
    return bytes === undefined || asRecord(parseJson(bytes.toString('utf8'))) !== undefined;
  };
  try {
    const config = paths.join(configFolder(system), 'config.json');
    if (!(await isWhole(config))) return false;
    const current = await currentContext(system, silentLogger);
    return current === undefined || (await isWhole(metaFile(current, system)));
  } catch {
    return false;
  }
}

/**
 * Reads one context.
 * @param origin who names it, for the error: `DOCKER_CONTEXT`, a file.
 * @throws ShipshapeError invalidConfig when there is no such context, or it names no engine.
 */
export async function readContext(name: string, origin: string, system: System): Promise<Context> {
  const paths = pathsOf(system);
  const folder = paths.join(configFolder(system), 'contexts');
  const hash = hashOf(name);
  const file = metaFile(name, system);
  const bytes = await readOrExplain(file, name, system);
  if (!bytes) {
    throw broken(
      `${origin} asks for the Docker context "${name}", but there is none of that name. ` +
        'Choose another with "docker context use", or create it.',
    );
  }
  const endpoint = asRecord(asRecord(asRecord(parseJson(bytes.toString('utf8')))?.['Endpoints'])?.['docker']);
  const host = asString(endpoint?.['Host']);
  if (!host) {
    throw broken(
      `The Docker context "${name}" names no engine (${file}). Create it anew, or choose another.`,
    );
  }
  const read = (pem: string): Promise<Buffer | undefined> => readOrExplain(pem, name, system);
  const pems = await readPems(paths.join(folder, 'tls', hash, 'docker'), system, read);
  const verify = endpoint?.['SkipTLSVerify'] !== true;
  const plain = verify && Object.keys(pems).length === 0;
  return plain ? { host } : { host, tls: { ...pems, verify } };
}

/** Those of `ca.pem`, `cert.pem` and `key.pem` that are in a folder. */
export async function readPems(
  folder: string,
  system: System,
  read: (file: string) => Promise<Buffer | undefined>,
): Promise<Omit<Tls, 'verify'>> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => read(pathsOf(system).join(folder, file))),
  );
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function metaFile(name: string, system: System): string {
  return pathsOf(system).join(configFolder(system), 'contexts', 'meta', hashOf(name), 'meta.json');
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

async function readOrExplain(file: string, name: string, system: System): Promise<Buffer | undefined> {
  try {
    return await system.readFile(file);
  } catch (error) {
    throw broken(`The Docker context "${name}" cannot be read: ${messageOf(error)}`, error);
  }
}

function broken(message: string, cause?: unknown): ShipshapeError {
  return new ShipshapeError('invalidConfig', message, { cause });
}
