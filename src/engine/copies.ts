/**
 * Making a container like another one: the answer of `GET /containers/{id}/json` turned into the body of
 * `POST /containers/create` (Docker Engine API 1.41).
 */
import type { MakeOptions } from '../core/ports';
import type { Connection } from './connection';
import { imageDescription } from './images';
import { asArray, asRecord, asString } from './json';
import { withoutImageConfig } from './ownConfig';

type Body = Readonly<Record<string, unknown>>;

/** What is to be asked of the engine to make the container: its body, and networks to connect it to before its start. */
export interface CreateBody {
  readonly body: Body;
  readonly networks: readonly { readonly name: string; readonly endpoint: Body }[];
}

/** Undefined when the blueprint describes no container. `brought` is the `Config` of an image that is left out. */
export function createBody(blueprint: Body, image: string, brought?: Body): CreateBody | undefined {
  const id = asString(blueprint['Id']);
  const config = asRecord(blueprint['Config']);
  const host = asRecord(blueprint['HostConfig']);
  if (id === undefined || !config || !host) return undefined;
  const told = asString(host['NetworkMode']) ?? 'default';
  const networks = networksOf(blueprint, told, id);
  const mode = modeOf(blueprint, told, networks);
  const own = withoutOwnName(config, id, mode);
  // Engines before API 1.44 take no more than one network at the creation.
  const first = networks.find(({ name }) => name === mode);
  return {
    body: {
      ...(brought ? withoutImageConfig(own, brought) : own),
      Image: image,
      HostConfig: { ...host, NetworkMode: mode, ...volumesOf(blueprint, host), ...limitsOf(host) },
      ...(first ? { NetworkingConfig: { EndpointsConfig: { [first.name]: first.endpoint } } } : {}),
    },
    networks: networks.filter((network) => network !== first),
  };
}

/** What a container that is made like another one is to be. */
export interface Likeness extends MakeOptions {
  readonly blueprint: Body;
  readonly name: string;
  readonly image: string;
}

/** Makes the container and gives its id; undefined when the blueprint describes none. Limits in milliseconds. */
export async function makeLike(
  connection: Connection,
  { blueprint, name, image, leavesImageOut, labels }: Likeness,
  limits: { readonly inspect: number; readonly action: number },
): Promise<string | undefined> {
  const brought = leavesImageOut ? await oldImageConfig(connection, blueprint, limits.inspect) : undefined;
  const wanted = createBody(blueprint, image, brought);
  if (!wanted) return undefined;
  const Labels = { ...asRecord(wanted.body['Labels']), ...labels };
  return makeContainer(connection, { ...wanted, body: { ...wanted.body, Labels } }, name, limits.action);
}

/** The `Config` of the image that a container was made from; empty where the engine has it no more. */
async function oldImageConfig(connection: Connection, blueprint: Body, limitMs: number): Promise<Body> {
  const image = asString(blueprint['Image']) ?? '';
  return asRecord(asRecord(await imageDescription(connection, image, limitMs))?.['Config']) ?? {};
}

/** One that cannot be connected to all of its networks is not left behind. */
async function makeContainer(
  connection: Connection,
  { body, networks }: CreateBody,
  name: string,
  limitMs: number,
): Promise<string> {
  const { id } = await connection.call('create the container', limitMs, (docker, abortSignal) =>
    docker.createContainer({ ...body, name, abortSignal }),
  );
  try {
    for (const { name: network, endpoint } of networks) {
      await connection.call('connect the container to its network', limitMs, (docker, abortSignal) =>
        docker
          .getNetwork(network)
          .connect({ Container: id, EndpointConfig: endpoint, abortSignal } as object),
      );
    }
    return id;
  } catch (error) {
    await connection.call('remove the container', limitMs, (docker, abortSignal) =>
      docker.getContainer(id).remove({ force: true, abortSignal }),
    );
    throw error;
  }
}

/**
 * The engine names a container after its id unless told; who lives in another's network has neither a name nor ports of
 * its own there, and an engine refuses those that an image brought.
 */
function withoutOwnName(config: Body, id: string, mode: string): Body {
  const { Hostname: hostname, Domainname: domain, ...rest } = config;
  if (mode.startsWith('container:'))
    return Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'ExposedPorts'));
  return asString(hostname) === id.slice(0, 12) ? rest : { Hostname: hostname, Domainname: domain, ...rest };
}

/** Podman tells of limits by the kernel's names, `RLIMIT_NOFILE`, and takes them by the shell's, `nofile`. */
function limitsOf(host: Body): Body {
  const limits = asArray(host['Ulimits']).map((value) => {
    const limit = asRecord(value) ?? {};
    const name = asString(limit['Name']) ?? '';
    return { ...limit, Name: name.replace(/^RLIMIT_/, '').toLowerCase() };
  });
  return limits.length > 0 ? { Ulimits: limits } : {};
}

/** Volumes without a name of the user's have one of the engine's: by it the new container gets the same ones. */
function volumesOf(blueprint: Body, host: Body): Body {
  const volumes = asArray(blueprint['Mounts']).flatMap((value) => {
    const mount = asRecord(value);
    const name = asString(mount?.['Name']);
    const target = asString(mount?.['Destination']);
    const isVolume = mount?.['Type'] === 'volume' && name !== undefined && target !== undefined;
    return isVolume ? [{ name, target, isReadOnly: mount['RW'] === false }] : [];
  });
  const binds = asArray(host['Binds']).flatMap((bind) => asString(bind) ?? []);
  const mounts = asArray(host['Mounts']).map((mount) => asRecord(mount) ?? {});
  const named = mounts.map((mount) => {
    const volume = volumes.find(({ target }) => target === asString(mount['Target']));
    return mount['Type'] === 'volume' && volume ? { ...mount, Source: volume.name } : mount;
  });
  const isThere = (target: string): boolean =>
    binds.some((bind) => bind.split(':')[1] === target) ||
    mounts.some((mount) => asString(mount['Target']) === target);
  const others = volumes.filter(({ target }) => !isThere(target));
  return {
    Binds: [
      ...binds,
      ...others.map(({ name, target, isReadOnly }) => `${name}:${target}${isReadOnly ? ':ro' : ''}`),
    ],
    ...(named.length > 0 ? { Mounts: named } : {}),
  };
}

/** The network of containers that ask for none, as Docker and Podman call it. */
const usualNetworks = ['bridge', 'podman'];

/** Podman says `bridge` of a container in a network of the user's; it is to be in no other than before. */
function modeOf(blueprint: Body, mode: string, networks: CreateBody['networks']): string {
  const [first] = networks;
  const isUsual = namesOfNetworks(blueprint).some((name) => usualNetworks.includes(name));
  return mode === 'bridge' && first && !isUsual ? first.name : mode;
}

function namesOfNetworks(blueprint: Body): string[] {
  return Object.keys(asRecord(asRecord(blueprint['NetworkSettings'])?.['Networks']) ?? {});
}

/** Without what the engine gives by itself: the usual network, addresses, and the short id among the aliases. */
function networksOf(blueprint: Body, mode: string, id: string): CreateBody['networks'] {
  if (['host', 'none'].includes(mode) || mode.startsWith('container:')) return [];
  const networks = asRecord(asRecord(blueprint['NetworkSettings'])?.['Networks']) ?? {};
  const asked = Object.entries(networks).filter(([name]) => !usualNetworks.includes(name));
  return asked.map(([name, value]) => {
    const network = asRecord(value) ?? {};
    const aliases = asArray(network['Aliases']).filter((alias) => alias !== id.slice(0, 12));
    const given = {
      IPAMConfig: network['IPAMConfig'],
      Links: network['Links'],
      DriverOpts: network['DriverOpts'],
    };
    const known = Object.entries(given).filter(([, each]) => each !== null && each !== undefined);
    return {
      name,
      endpoint: { ...Object.fromEntries(known), ...(aliases.length > 0 ? { Aliases: aliases } : {}) },
    };
  });
}
