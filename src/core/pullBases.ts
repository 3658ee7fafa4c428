import type { Timers } from '../common/scheduling';
import type { BaseImage } from './imagePorts';
import { familiarReference, parseReference, type ImageReference } from './imageReference';
import { isOfRepository } from './imageSubject';
import type { CliListener, EnginePort } from './ports';
import type { RegistryLogin } from './pullPorts';

export interface PullParts {
  readonly engine: EnginePort;
  /** Rejects for a file of logins that cannot be read. */
  readonly findLogin: (reference: ImageReference) => Promise<RegistryLogin | undefined>;
  readonly listener: Pick<CliListener, 'onLine' | 'onProgress'>;
  readonly timers: Pick<Timers, 'now'>;
  readonly signal: AbortSignal;
}

/**
 * Fetches the images on which a dev container is made: the CLI asks no registry for what the engine has. Leaves those
 * of Compose's other services, which stay as they are, those that are pinned, and those that were built here. Rejects
 * as EnginePort's `pull`.
 */
export async function pullBases(bases: readonly BaseImage[], parts: PullParts): Promise<void> {
  const { engine, findLogin, listener, timers, signal } = parts;
  for (const { reference, service } of bases) {
    const parsed = parseReference(reference);
    if (!parsed || parsed.digest !== undefined || service !== undefined) continue;
    const id = await engine.imageId(reference, signal);
    const before = id === undefined ? undefined : await engine.image(id, signal);
    if (before && !before.repoDigests.some((digest) => isOfRepository(digest, parsed))) continue;
    const image = familiarReference(parsed);
    listener.onProgress({ kind: 'pull', image }, timers.now());
    const login = await findLogin(parsed);
    const pulled = await engine.pull(reference, { signal, ...(login && { login }) });
    const text =
      before?.id === pulled.id
        ? `${image} is the newest already: ${pulled.id}`
        : `${image} pulled: ${before ? `${before.id} → ` : ''}${pulled.id}`;
    listener.onLine({ at: timers.now(), level: 'info', text });
  }
}
