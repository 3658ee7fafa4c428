/** What an engine tells of itself as a whole. */
import type { Connection } from './connection';
import { instant } from './facts';
import { asArray, asRecord, asString } from './json';

/** Asks for it; one answer tells the engine's time and its registries. */
export class EngineInfo {
  #last: { readonly answer: Readonly<Record<string, unknown>>; readonly at: number } | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly limitMs: number,
  ) {}

  /** The engine's clock minus the host's, in milliseconds, as far as one round trip can tell. */
  async clockSkew(signal?: AbortSignal): Promise<number> {
    const asked = Date.now();
    const answer = await this.#ask(signal);
    const answered = Date.now();
    const time = instant(answer['SystemTime']);
    if (time === undefined) throw this.connection.odd('its time');
    return Math.round(time - (asked + answered) / 2);
  }

  /**
   * Registries without TLS by the engine's own settings, as it told them in the last minutes; none where it does not
   * tell, as Podman.
   */
  async insecureRegistries(signal?: AbortSignal): Promise<readonly string[]> {
    const isFresh = this.#last !== undefined && Date.now() - this.#last.at < FRESH_MS;
    const answer = isFresh && this.#last ? this.#last.answer : await this.#ask(signal);
    const config = asRecord(answer['RegistryConfig']);
    const hosts = Object.entries(asRecord(config?.['IndexConfigs']) ?? {});
    const insecure = hosts.filter(([, entry]) => asRecord(entry)?.['Secure'] === false).map(([host]) => host);
    return [
      ...insecure,
      ...asArray(config?.['InsecureRegistryCIDRs']).flatMap((range) => asString(range) ?? []),
    ];
  }

  async #ask(signal: AbortSignal | undefined): Promise<Readonly<Record<string, unknown>>> {
    const given: unknown = await this.connection.call(
      'tell of itself',
      this.limitMs,
      (docker, abortSignal) => docker.info({ abortSignal }),
      signal,
    );
    const answer = asRecord(given) ?? {};
    this.#last = { answer, at: Date.now() };
    return answer;
  }
}

const FRESH_MS = 300_000;
