import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import {
  RegistryError,
  type Platform,
  type PlatformImage,
  type RegistryAccess,
  type RegistryPort,
  type RemoteManifest,
} from '../core/imagePorts';
import { DOCKER_HUB, familiarReference, type ImageReference } from '../core/imageReference';
import type { RegistryLogin } from '../core/pullPorts';
import { authoritiesOf, type CertificateSystem } from './authorities';
import { credentialHelpers } from './credentialHelper';
import { CredentialFiles, type CredentialSystem } from './credentials';
import { checkDestination, registryUrl } from './destinations';
import type { Answer, Request } from './exchange';
import {
  bodyDigest,
  configDigest,
  forPlatform,
  headerDigest,
  isIndex,
  MANIFEST_TYPES,
  readManifest,
} from './manifests';
import { Sender } from './sender';
import { Tokens, type Wanted } from './tokens';

export interface RegistryOptions {
  readonly system: CredentialSystem & CertificateSystem;
  /** The file of credentials that counts instead of docker's, if the user set one. */
  readonly authFile?: () => string | undefined;
  /** Hosts that the user trusts with a registry's logins, by registry. */
  readonly tokenHosts?: () => Readonly<Record<string, string>>;
  /** Whether credential helpers may be run; where they may not, registries are asked without their logins. */
  readonly mayRunHelpers?: () => boolean;
  /** How many requests there may be at once, over all and to one host. */
  readonly atOnce?: () => { readonly all: number; readonly perHost: number };
  readonly timers: Timers;
  readonly logger: Logger;
  /** The longest that one request and its answer may take, in milliseconds. */
  readonly limitMs?: number;
  readonly helperLimitMs?: number;
}

/** Registries over HTTP, as the distribution specification has them. */
export class RegistryClient implements RegistryPort {
  readonly #sender: Sender;
  readonly #files: CredentialFiles;
  readonly #tokens: Tokens;
  /** Of each host, and when they were read. */
  readonly #authorities = new Map<
    string,
    { readonly pem: Promise<Buffer | undefined>; readonly at: number }
  >();

  constructor(private readonly options: RegistryOptions) {
    const { system, authFile, tokenHosts, mayRunHelpers, timers, logger, limitMs, helperLimitMs } = options;
    const askHelper = credentialHelpers({
      ...{ system, timers, logger, mayRun: mayRunHelpers ?? (() => true) },
      ...(helperLimitMs === undefined ? {} : { limitMs: helperLimitMs }),
    });
    this.#files = new CredentialFiles({ system, askHelper, logger, ...(authFile && { file: authFile }) });
    this.#sender = new Sender(timers, limitMs, options.atOnce);
    this.#tokens = new Tokens({
      ...{ timers, logger, tokenHosts: tokenHosts ?? (() => ({})) },
      send: (request) => this.#send(request),
      findCredentials: (reference, file) => this.login(reference, file),
    });
  }

  /** The login that an engine needs to pull the image; rejects with a RegistryError for a file that cannot be read. */
  login(reference: ImageReference, authFile?: string): Promise<RegistryLogin | undefined> {
    return this.#files.find(reference, authFile);
  }

  async head(
    reference: ImageReference,
    access: RegistryAccess,
    signal?: AbortSignal,
  ): Promise<RemoteManifest> {
    const name = reference.digest ?? reference.tag ?? 'latest';
    const wanted = await this.#wanted(reference, access, signal);
    const digest = headerDigest(await this.#manifest('HEAD', name, wanted), reference.host);
    if (digest !== undefined) return { digest };
    const answer = await this.#manifest('GET', name, wanted);
    return { digest: headerDigest(answer, reference.host) ?? bodyDigest(answer.body) };
  }

  async onPlatform(
    reference: ImageReference,
    digest: string,
    platform: Platform,
    access: RegistryAccess,
    signal?: AbortSignal,
  ): Promise<PlatformImage | undefined> {
    const wanted = await this.#wanted(reference, access, signal);
    const read = async (name: string): Promise<Readonly<Record<string, unknown>>> =>
      readManifest(await this.#manifest('GET', name, wanted), name, reference.host);
    const top = await read(digest);
    const manifest = isIndex(top) ? forPlatform(top, platform) : digest;
    if (manifest === undefined) return undefined;
    const config = configDigest(manifest === digest ? top : await read(manifest));
    return config === undefined ? undefined : { manifest, config };
  }

  async #wanted(
    reference: ImageReference,
    access: RegistryAccess,
    signal: AbortSignal | undefined,
  ): Promise<Wanted> {
    const ca = await this.#authoritiesOf(reference.host);
    const registry = registryUrl(reference.host, access.insecure, ca !== undefined);
    checkDestination(registry, access.insecure);
    return { reference, access, registry, signal };
  }

  async #manifest(method: 'HEAD' | 'GET', name: string, wanted: Wanted): Promise<Answer> {
    const { reference, registry } = wanted;
    const url = new URL(`v2/${reference.path}/manifests/${name}`, registry);
    const known = this.#tokens.known(wanted);
    let answer = await this.#follow(method, url, wanted, known);
    if (answer.status === 401) {
      const authorization = await this.#tokens.authorize(wanted, answer.headers['www-authenticate']);
      if (authorization !== undefined) answer = await this.#follow(method, url, wanted, authorization);
    }
    if (answer.status !== 200) throw refused(reference, answer.status);
    return answer;
  }

  /** By hand: a login never goes along to another host, nor does anything to a place that is not asked. */
  async #follow(
    method: 'HEAD' | 'GET',
    first: URL,
    { registry, access, signal }: Wanted,
    authorization: string | undefined,
  ): Promise<Answer> {
    let url = first;
    for (let hop = 0; hop <= MAX_HOPS; hop++) {
      const isHome = url.origin === registry.origin;
      const headers = {
        accept: MANIFEST_TYPES,
        ...(isHome && authorization !== undefined ? { authorization } : {}),
      };
      const answer = await this.#send({ method, url, headers, signal });
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      if (!URL.canParse(location, url.href)) throw new RegistryError(`${url.host} leads to no address.`);
      const next = new URL(location, url);
      if (next.origin !== registry.origin) checkDestination(next, access.insecure, registry);
      url = next;
    }
    throw new RegistryError(`${first.host} leads from one place to another without an end.`);
  }

  async #send(request: Request): Promise<Answer> {
    const ca = request.url.protocol === 'https:' ? await this.#authoritiesOf(request.url.host) : undefined;
    return this.#sender.send({ ...request, ca });
  }

  /** Read once for many requests, and again soon: one that is added for a registry counts without a reload. */
  #authoritiesOf(host: string): Promise<Buffer | undefined> {
    const { system, timers } = this.options;
    const now = timers.now();
    for (const [known, { at }] of this.#authorities)
      if (now - at >= AUTHORITIES_MS) this.#authorities.delete(known);
    const entry = this.#authorities.get(host) ?? { pem: authoritiesOf(host, system), at: now };
    this.#authorities.set(host, entry);
    return entry.pem;
  }
}

const MAX_HOPS = 5;
const AUTHORITIES_MS = 10_000;

function refused(reference: ImageReference, status: number): RegistryError {
  const { host } = reference;
  const name = familiarReference(reference);
  const login = host === DOCKER_HUB ? 'docker login' : `docker login ${host}`;
  const reason =
    status === 401
      ? `${host} wants a login for ${name} (status 401): use "${login}"`
      : status === 403
        ? `${host} does not let you see ${name} (status 403)`
        : status === 404
          ? `${host} has no ${name}, or does not let you see it (status 404)`
          : `${host} answered with status ${status} when asked for ${name}`;
  return new RegistryError(`${reason}.`, { status });
}
