import { messageOf } from '../common/errors';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { Logger } from '../common/logger';
import { hostTimers, Quiet, type Timers } from '../common/scheduling';
import { areContextsWhole, configFolder } from './contexts';
import { pathsOf, type System } from './system';

export interface ContextWatchOptions {
  readonly system: System;
  readonly logger: Logger;
  readonly timers?: Timers;
}

/** Several files change in one switch, and the docker command writes the same ones for other reasons. */
const SETTLE_MS = 300;

/**
 * Calls back once the docker command's contexts have changed and lie still. While a file is half written it says
 * nothing: the rest of the file is a change too.
 */
export class ContextWatch implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #options: ContextWatchOptions;
  readonly #settled: Quiet;

  constructor(
    private readonly onChange: () => void,
    options: ContextWatchOptions,
  ) {
    this.#options = options;
    this.#settled = this.#parts.add(
      new Quiet(options.timers ?? hostTimers, SETTLE_MS, () => void this.#tell()),
    );
    this.#start().catch((error: unknown) =>
      options.logger.warn(`Switches of the Docker context are not noticed: ${messageOf(error)}`),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }

  async #start(): Promise<void> {
    const { system, logger } = this.#options;
    const paths = pathsOf(system);
    const folder = configFolder(system);
    const contexts = paths.join(folder, 'contexts');
    const config = paths.join(folder, 'config.json');
    // Neither the TLS files nor what else tools keep in this folder.
    const matters = (path: string): boolean =>
      path === folder || path === config || path === contexts || isBelow(path, paths.join(contexts, 'meta'));
    const { watch } = await import('chokidar');
    if (this.#parts.isDisposed) return;
    const watcher = watch(folder, {
      ignored: (path) => !matters(paths.normalize(path)),
      ignoreInitial: true,
      depth: 4,
      atomic: false,
    });
    watcher.on('all', () => this.#settled.ask());
    watcher.on('error', (error) => logger.debug(`${folder}: ${messageOf(error)}`));
    this.#parts.add({ dispose: () => void watcher.close() });
  }

  async #tell(): Promise<void> {
    if (!(await areContextsWhole(this.#options.system))) return;
    if (!this.#parts.isDisposed) this.onChange();
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);
}
