import type { Logger } from '../common/logger';
import { own } from '../common/record';
import type { Timers } from '../common/scheduling';
import { RegistryError, type RegistryAccess } from '../core/imagePorts';
import type { ImageReference } from '../core/imageReference';
import { parseChallenges, type Challenge } from './challenges';
import type { Credentials } from './credentials';
import { checkDestination, isLoopback } from './destinations';
import type { Answer, Request } from './exchange';

/** For what an authorization is wanted. */
export interface Wanted {
  readonly reference: ImageReference;
  readonly access: RegistryAccess;
  /** The registry's address. */
  readonly registry: URL;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenOptions {
  readonly send: (request: Request) => Promise<Answer>;
  readonly findCredentials: (
    reference: ImageReference,
    authFile?: string,
  ) => Promise<Credentials | undefined>;
  /** Hosts that the user trusts with a registry's logins, by registry. */
  readonly tokenHosts: () => Readonly<Record<string, string>>;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** What goes into the Authorization header, kept as long as it is good. */
export class Tokens {
  readonly #known = new Map<string, { readonly header: string; readonly goodUntil: number }>();

  constructor(private readonly options: TokenOptions) {}

  /** What was good for the same repository a moment ago. */
  known(wanted: Wanted): string | undefined {
    const known = this.#known.get(keyOf(wanted));
    return known && known.goodUntil > this.options.timers.now() ? known.header : undefined;
  }

  /**
   * What the registry asks for by this header; undefined when there is nothing to give it.
   * @throws RegistryError when the token service does not answer as it should.
   */
  async authorize(wanted: Wanted, header: string | undefined): Promise<string | undefined> {
    this.#known.delete(keyOf(wanted));
    const challenges = parseChallenges(header ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return this.#bearer(wanted, bearer);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
    const credentials = await this.#credentials(wanted);
    if (!credentials || !('username' in credentials)) return undefined;
    return this.#keep(wanted, basic(credentials), DEFAULT_SECONDS);
  }

  async #bearer(wanted: Wanted, { parameters }: Challenge): Promise<string> {
    const { registry, access, reference, signal } = wanted;
    const realm = parameters['realm'] ?? '';
    if (!URL.canParse(realm)) throw new RegistryError(`${registry.host} names no service for its tokens.`);
    const url = new URL(realm);
    if (url.origin !== registry.origin) checkDestination(url, access.insecure, registry);
    const found = await this.#credentials(wanted);
    const credentials = this.#mayHave(url, registry) ? found : undefined;
    if (found && !credentials) this.#tellOfForeigner(url, registry);
    const scope = parameters['scope'] ?? `repository:${reference.path}:pull`;
    const fields = {
      ...(parameters['service'] === undefined ? {} : { service: parameters['service'] }),
      scope,
    };
    const answer = await this.options.send({ ...tokenRequest(url, fields, credentials), signal });
    const { token, seconds } = readToken(answer, url.host);
    return this.#keep(wanted, `Bearer ${token}`, seconds);
  }

  #credentials({ reference, access }: Wanted): Promise<Credentials | undefined> {
    return this.options.findCredentials(reference, access.authFile);
  }

  /** A login goes to the registry that it is for, or where everybody knows, or the user said, that it belongs. */
  #mayHave(service: URL, registry: URL): boolean {
    if (service.origin === registry.origin) return true;
    if (service.protocol !== 'https:' && !isLoopback(service.host)) return false;
    const trusted = [own(TOKEN_HOSTS, registry.host), own(this.options.tokenHosts(), registry.host)];
    return trusted.includes(service.host);
  }

  #tellOfForeigner(service: URL, registry: URL): void {
    this.options.logger.warn(
      `${registry.host} wants its logins sent to ${service.host}, which was asked without yours. ` +
        'If that is right, add the two to shipshape.images.tokenHosts.',
    );
  }

  #keep(wanted: Wanted, header: string, seconds: number): string {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < MAX_KEPT) break;
      this.#known.delete(oldest);
    }
    const goodUntil = this.options.timers.now() + (seconds - MARGIN_SECONDS) * 1_000;
    this.#known.set(keyOf(wanted), { header, goodUntil });
    return header;
  }
}

/** Registries whose tokens come from another host, which is theirs too. */
const TOKEN_HOSTS: Readonly<Record<string, string>> = {
  'registry-1.docker.io': 'auth.docker.io',
  'registry.gitlab.com': 'gitlab.com',
  'registry.digitalocean.com': 'api.digitalocean.com',
};
/** The specification's, for services that give no time; and what a request may take on its way. */
const DEFAULT_SECONDS = 60;
const MARGIN_SECONDS = 5;
const MAX_SECONDS = 3_600;
const MAX_KEPT = 500;

function keyOf({ registry, reference, access }: Wanted): string {
  return JSON.stringify([registry.origin, reference.path, access.authFile]);
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenRequest(
  realm: URL,
  fields: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
): Request {
  if (credentials && 'identityToken' in credentials) {
    const form = {
      ...fields,
      grant_type: 'refresh_token',
      client_id: 'shipshape',
      refresh_token: credentials.identityToken,
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: new URLSearchParams(form).toString() };
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return { method: 'GET', url, headers: credentials ? { authorization: basic(credentials) } : {} };
}

function readToken({ status, body }: Answer, host: string): { token: string; seconds: number } {
  if (status === 401 || status === 403) {
    throw new RegistryError(`${host} does not accept the login, or wants one (status ${status}).`, {
      status,
    });
  }
  if (status !== 200) throw new RegistryError(`${host} gave no token: status ${status}.`, { status });
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    // Told below: what it is instead may be a secret.
  }
  const token = own(answer, 'token') ?? own(answer, 'access_token');
  const seconds = own(answer, 'expires_in');
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new RegistryError(`${host} gave no token.`);
  return {
    token,
    seconds: typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, MAX_SECONDS) : DEFAULT_SECONDS,
  };
}
