/** What docker's config.json, and files of its shape, say of registries. Nothing is ever written there. */
import { isAbsolute, join } from 'node:path';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { isRecord, own } from '../common/record';
import { RegistryError } from '../core/imagePorts';
import { DOCKER_HUB, type ImageReference } from '../core/imageReference';
import type { RegistryLogin } from '../core/pullPorts';

export type Credentials = RegistryLogin;

/** The machine, as far as credentials lie there. */
export interface CredentialSystem {
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** The bytes of a regular file of at most 1 MiB, undefined when there is none; rejects when it cannot be read. */
  readFile(file: string): Promise<Buffer | undefined>;
}

/** Asks a credential helper: undefined when it knows nothing of the registry, or fails. */
export type AskHelper = (name: string, server: string) => Promise<Credentials | undefined>;

export interface CredentialOptions {
  readonly system: CredentialSystem;
  readonly askHelper: AskHelper;
  /** The file that counts instead of docker's, if the user set one. */
  readonly file?: () => string | undefined;
  readonly logger: Logger;
}

/** Finds credentials, each only for the registry that they are kept for. */
export class CredentialFiles {
  constructor(private readonly options: CredentialOptions) {}

  /**
   * Undefined where there are none for the image's registry.
   * @param authFile the file that a container asks for; it cannot name programs.
   * @throws RegistryError when that file cannot be read.
   */
  async find(reference: ImageReference, authFile?: string): Promise<Credentials | undefined> {
    if (authFile !== undefined) return kept(await this.#readNamed(authFile), reference);
    const config = await this.#readOwn();
    const server = reference.host === DOCKER_HUB ? HUB_SERVER : reference.host;
    const helper = own(own(config, 'credHelpers'), reference.host) ?? own(own(config, 'credHelpers'), server);
    const store = helper ?? own(config, 'credsStore');
    const told = typeof store === 'string' && store ? await this.options.askHelper(store, server) : undefined;
    return told ?? kept(config, reference);
  }

  async #readNamed(file: string): Promise<unknown> {
    // A label is anybody's text: a path of another machine would be asked with the user's own login there.
    if (!isAbsolute(file) || /^[\\/]{2}/.test(file)) {
      throw new RegistryError(
        `The container asks for the credentials in "${file.slice(0, 100)}", which is no absolute path.`,
      );
    }
    try {
      const bytes = await this.options.system.readFile(file);
      if (!bytes) throw new Error('there is no such file');
      return parse(bytes);
    } catch (error) {
      throw new RegistryError(
        `The credentials in ${file.slice(0, 200)} cannot be read: ${messageOf(error)}.`,
      );
    }
  }

  async #readOwn(): Promise<unknown> {
    const { system, file, logger } = this.options;
    const folder = system.env['DOCKER_CONFIG'] ?? '';
    const path = file?.() ?? join(folder === '' ? join(system.home, '.docker') : folder, 'config.json');
    try {
      const bytes = await system.readFile(path);
      return bytes && parse(bytes);
    } catch (error) {
      logger.warn(`${path} cannot be read, so registries are asked without credentials: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/** Docker keeps what belongs to Docker Hub under this name. */
const HUB_SERVER = 'https://index.docker.io/v1/';

function parse(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    if (isRecord(value)) return value;
  } catch {
    // The engine's own words would quote what is in the file.
  }
  throw new Error('it is no JSON object');
}

/** What the file itself holds for the registry: the entry that says most of where it belongs. */
function kept(config: unknown, { host, path }: ImageReference): Credentials | undefined {
  const auths = own(config, 'auths');
  if (!isRecord(auths)) return undefined;
  const hosts = host === DOCKER_HUB ? [DOCKER_HUB, 'index.docker.io'] : [host];
  const wanted = `${host}/${path}`;
  const fitting = Object.keys(auths).flatMap((key) => {
    const [, scheme, rest = ''] = /^(https?:\/\/)?(.*)$/is.exec(key) ?? [];
    const place = scheme === undefined ? rest.replace(/\/+$/, '') : rest.replace(/\/.*$/s, '');
    const isNamespace = place.includes('/') && `${wanted}/`.startsWith(`${place}/`);
    return hosts.includes(place) || isNamespace ? [{ key, length: place.length }] : [];
  });
  const found = fitting.sort((a, b) => b.length - a.length).map(({ key }) => fromEntry(own(auths, key)));
  return found.find((credentials) => credentials !== undefined);
}

function fromEntry(entry: unknown): Credentials | undefined {
  const identityToken = own(entry, 'identitytoken');
  if (typeof identityToken === 'string' && identityToken !== '') return { identityToken };
  const auth = own(entry, 'auth');
  if (typeof auth !== 'string') return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon > 0 ? { username: text.slice(0, colon), password: text.slice(colon + 1) } : undefined;
}
