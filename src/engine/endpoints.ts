/** Which engine is meant, in the docker command's order of precedence. */
import { ShipshapeError, messageOf } from '../common/errors';
import { silentLogger, type Logger } from '../common/logger';
import type { EngineEndpoint } from '../core/ports';
import { configFolder, currentContext, readContext, readPems } from './contexts';
import { parseHost, type Host, type Tls, type Transport } from './hosts';
import { pathsOf, thisSystem, variable, type System } from './system';
import { isPodman, usualName } from './usualSockets';

/** Who decided: the user's setting or choice, a variable, the current context of config.json, or nobody. */
type EndpointSource = 'setting' | 'choice' | 'DOCKER_HOST' | 'DOCKER_CONTEXT' | 'currentContext' | 'default';

export interface ResolvedEndpoint extends EngineEndpoint {
  readonly transport: Transport;
  readonly source: EndpointSource;
}

/**
 * Finds the engine: the setting, else DOCKER_HOST, else DOCKER_CONTEXT, else `currentContext` of config.json, else
 * the default place. Empty variables count as unset, as with the docker command.
 * @param setting host string from the user's settings; undefined or empty when there is none.
 * @throws ShipshapeError invalidConfig when the one that decides is malformed or names what is not there.
 */
export async function resolveEndpoint(
  setting?: string,
  system: System = thisSystem(),
  logger: Logger = silentLogger,
): Promise<ResolvedEndpoint> {
  if (setting) return fromHost(setting, 'setting', 'The setting', system);
  const host = variable(system, 'DOCKER_HOST');
  if (host) return fromHost(host, 'DOCKER_HOST', 'DOCKER_HOST', system);
  const context = variable(system, 'DOCKER_CONTEXT');
  if (context) return fromContext(context, 'DOCKER_CONTEXT', 'DOCKER_CONTEXT', system);
  const current = await currentContext(system, logger);
  if (current) return fromContext(current, 'currentContext', configFolder(system), system);
  return atDefaultPlace('default', system);
}

/** The engine at a host string; of tcp with the certificates that the environment names. */
export async function fromHost(
  text: string,
  source: EndpointSource,
  origin: string,
  system: System,
): Promise<ResolvedEndpoint> {
  const wantsTls = ['DOCKER_TLS_VERIFY', 'DOCKER_TLS'].some((name) => variable(system, name));
  const plain = parseHost(text, origin);
  if (!wantsTls || plain.transport.kind !== 'tcp') return resolved(plain, 'default', source, system);
  const tls = await tlsOfEnvironment(system);
  const child = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certFolder(system) };
  const host = parseHost(text, origin, tls);
  return resolved(host, 'default', source, system, { DOCKER_HOST: host.endpoint, ...child });
}

/** The engine of a Docker context. */
export async function fromContext(
  name: string,
  source: EndpointSource,
  origin: string,
  system: System,
): Promise<ResolvedEndpoint> {
  if (name === 'default') return atDefaultPlace(source, system);
  const context = await readContext(name, origin, system);
  const host = parseHost(context.host, `The Docker context "${name}"`, context.tls);
  if (host.transport.kind !== 'tcp' || !host.transport.tls) return resolved(host, name, source, system);
  // The certificates of a context reach a child process through the context only.
  const child = { DOCKER_CONTEXT: name, DOCKER_CONFIG: configFolder(system) };
  return resolved(host, name, source, system, child);
}

async function atDefaultPlace(source: EndpointSource, system: System): Promise<ResolvedEndpoint> {
  if (system.platform === 'win32') {
    return resolved(parseHost('npipe:////./pipe/docker_engine', 'The default'), 'default', source, system);
  }
  const own = pathsOf(system).join(system.home, '.docker/run/docker.sock');
  const path = (await system.exists(own)) ? own : '/var/run/docker.sock';
  return resolved(parseHost(`unix://${path}`, 'The default'), 'default', source, system);
}

const tlsVariables = ['DOCKER_TLS', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'];

function resolved(
  { endpoint, transport }: Host,
  context: string,
  source: EndpointSource,
  system: System,
  child: Readonly<Record<string, string>> = { DOCKER_HOST: endpoint },
): ResolvedEndpoint {
  // Variables of our own environment that would send a child process elsewhere are set to empty, which unsets them.
  const misleading = ['DOCKER_HOST', 'DOCKER_CONTEXT', ...tlsVariables].filter(
    (name) => variable(system, name) && !(name in child),
  );
  return {
    key: endpoint,
    name: context === 'default' ? usualName(endpoint, system) : context,
    endpoint,
    env: { ...Object.fromEntries(misleading.map((name) => [name, ''])), ...child, ...podmanEnv(endpoint) },
    transport,
    source,
  };
}

/** The podman command, also where it goes by the name of docker, looks at a variable of its own. */
function podmanEnv(endpoint: string): Readonly<Record<string, string>> {
  return isPodman(endpoint) ? { CONTAINER_HOST: endpoint } : {};
}

function certFolder(system: System): string {
  return variable(system, 'DOCKER_CERT_PATH') ?? configFolder(system);
}

/** Certificates of DOCKER_CERT_PATH. The engine is always verified: only a context may switch that off. */
async function tlsOfEnvironment(system: System): Promise<Tls> {
  const folder = certFolder(system);
  try {
    const pems = await readPems(folder, system, (file) => system.readFile(file));
    if (!pems.ca) throw new Error('there is no ca.pem');
    return { ...pems, verify: true };
  } catch (error) {
    throw new ShipshapeError(
      'invalidConfig',
      `DOCKER_TLS_VERIFY asks for TLS, but the certificates in ${folder} cannot be used: ${messageOf(error)}. ` +
        'Point DOCKER_CERT_PATH at a folder with ca.pem, cert.pem and key.pem.',
      { cause: error },
    );
  }
}
