import type { UpdateReport } from '../api';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Checked } from './imageChecks';
import type { ImageFacts } from './imagePorts';
import { parseReference } from './imageReference';
import { AUTH_FILE_LABEL } from './imageStatuses';
import type { PullProgress } from './pullPorts';
import type { ReplacementEnd } from './replaceContainers';
import type { Task, UpdateOptions, UpdateParts } from './updateParts';
import { fullName, heedQuarantine, planUpdates, tell } from './updatePlan';
import { unitsOf, type Unit } from './updateUnits';

/**
 * Updates containers to the images that their names mean now, one unit after another: units are updated, and rolled
 * back, as a whole. Gives a report for each container; trouble with one never stops the others, and never rejects.
 */
export async function update(
  parts: UpdateParts,
  chosen: readonly Checked[],
  options: UpdateOptions = {},
): Promise<readonly UpdateReport[]> {
  options.onProgress?.('asking registries');
  const tasks = await planUpdates(parts, chosen, options.retriesBad ?? false);
  if (!options.dryRun) await new Pass(parts, options).run(tasks);
  return tasks.map(({ report }) => report);
}

/** What one run knows: each name is fetched once, whatever comes of it. */
class Pass {
  readonly #signal: AbortSignal;
  readonly #images = new Map<string, Promise<ImageFacts>>();
  /** Names of images with which a container of this run works. */
  readonly #proven = new Set<string>();

  constructor(
    private readonly parts: UpdateParts,
    private readonly options: UpdateOptions,
  ) {
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async run(tasks: readonly Task[]): Promise<void> {
    const engines = new Set(tasks.map(({ store }) => store));
    for (const store of engines) {
      const open = tasks.filter((task) => task.store === store && task.report.updated === 'pending');
      if (open.length === 0) continue;
      const units = unitsOf(
        store.engine.key,
        open.map(({ container }) => container),
      );
      for (const unit of units) {
        await this.#updateUnit(
          unit,
          open.filter(({ container }) => unit.containers.includes(container)),
        );
      }
      store.invalidate();
      await store.refresh().catch((error: unknown) => this.parts.logger.debug(messageOf(error)));
    }
  }

  async #updateUnit(unit: Unit, tasks: readonly Task[]): Promise<void> {
    const fetched = await Promise.all(tasks.map((task) => this.#fetch(task)));
    const ready = tasks.filter((task, index) => fetched[index] && task.report.updated === 'pending');
    // Half of a unit is none: what keeps one of it back keeps all.
    const failed = tasks.find(({ report }) => report.updated === 'failed');
    if (failed) {
      const error = `Not updated, since ${failed.container.name} of the same unit was not.`;
      for (const task of ready) tell(task, { updated: 'failed', error });
    } else if (ready.length > 0) await this.#renew(unit, ready);
  }

  /** The image that the task's name means now; undefined where that is none to move to. */
  async #fetch(task: Task): Promise<ImageFacts | undefined> {
    try {
      if (this.#signal.aborted) throw new ShipshapeError('cancelled', 'Cancelled.');
      const image = await this.#imageOf(task);
      task.newImageId = image.id;
      const to = task.isPulled ? digestIn(image, task.image, task.report.to) : image.id;
      tell(task, to === undefined ? {} : { to });
      if (image.id === task.container.imageId) tell(task, { updated: 'false' });
      if (!this.options.retriesBad) await heedQuarantine(task, this.parts.quarantine, image.id);
      return image;
    } catch (error) {
      tell(task, { updated: 'failed', error: messageOf(error) });
      return undefined;
    }
  }

  #imageOf(task: Task): Promise<ImageFacts> {
    const key = JSON.stringify([task.store.engine.key, task.image, task.isPulled]);
    const known = this.#images.get(key) ?? (task.isPulled ? this.#pull(task) : local(task));
    this.#images.set(key, known);
    return known;
  }

  async #pull(task: Task): Promise<ImageFacts> {
    const { store, container, image } = task;
    const reference = parseReference(image);
    if (!reference) throw new ShipshapeError('invalidArgument', `${image} is no name of an image.`);
    const old = await store.engine.image(container.imageId, this.#signal);
    const login = await this.parts.findLogin(reference, container.labels[AUTH_FILE_LABEL]);
    if (login) task.login = login;
    this.options.onProgress?.(`fetching ${image}`);
    return store.engine.pull(image, {
      signal: this.#signal,
      ...(old && { platform: old.platform }),
      ...(login && { login }),
      onProgress: (progress) => this.options.onProgress?.(`fetching ${image}, ${progressWords(progress)}`),
    });
  }

  async #renew(unit: Unit, tasks: readonly Task[]): Promise<void> {
    this.options.onProgress?.(`updating ${tasks.map(({ container }) => container.name).join(', ')}`);
    let end: ReplacementEnd;
    try {
      end = await this.parts.renew(unit, tasks, this.#signal);
    } catch (error) {
      for (const task of tasks) tell(task, { updated: 'failed', error: messageOf(error) });
      return;
    }
    if (end.outcome === 'replaced') {
      for (const [index, task] of tasks.entries()) {
        const id = end.containerIds[index];
        tell(task, { updated: 'true', ...(id === undefined ? {} : { newContainerId: id }) });
        this.#proven.add(nameOn(task));
      }
      if (this.options.retriesBad) await this.#lift(tasks);
      return;
    }
    const { outcome, error, isImageToBlame } = end;
    const updated = outcome === 'rolledBack' ? 'rolled back' : 'failed';
    for (const task of tasks) {
      tell(task, { updated, error: messageOf(error) });
      if (isImageToBlame) await this.#giveUp(task, messageOf(error));
    }
  }

  /** Nobody is moved to this image any more, and its name means the old one again, for whoever makes a container of it. */
  async #giveUp(task: Task, why: string): Promise<void> {
    const { engine } = task.store;
    const { container, image, report, newImageId } = task;
    try {
      await this.parts.quarantine.put(engine.key, fullName(image), {
        ...{ container: container.name, why },
        ...(report.to && task.isPulled && { digest: report.to }),
        ...(newImageId && { imageId: newImageId }),
      });
      // What was built here stays as its maker named it.
      const isOurs = task.isPulled && !this.#proven.has(nameOn(task));
      if (isOurs) await engine.tag(container.imageId, fullName(image));
    } catch (error) {
      this.parts.logger.warn(`${container.name}: ${messageOf(error)}`);
    }
  }

  async #lift(tasks: readonly Task[]): Promise<void> {
    for (const { store, image } of tasks) await this.parts.quarantine.lift(store.engine.key, fullName(image));
  }
}

async function local({ store, image }: Task): Promise<ImageFacts> {
  const id = await store.engine.imageId(image);
  const facts = id === undefined ? undefined : await store.engine.image(id);
  if (!facts) throw new ShipshapeError('notFound', `The engine has no ${image} any more.`);
  return facts;
}

/** The digest of an image that was fetched: the one that its registry told before, unless that moved on meanwhile. */
function digestIn({ repoDigests }: ImageFacts, image: string, told: string | undefined): string | undefined {
  const wanted = parseReference(image);
  const own = repoDigests.flatMap((each) => {
    const { host, path, digest } = parseReference(each) ?? {};
    return host === wanted?.host && path === wanted?.path && digest !== undefined ? [digest] : [];
  });
  return told !== undefined && own.includes(told) ? told : (own[0] ?? told);
}

function nameOn({ store, image }: Task): string {
  return `${store.engine.key}|${fullName(image)}`;
}

function progressWords({ layers, doneLayers, bytes, totalBytes }: PullProgress): string {
  const size = totalBytes > 0 ? `, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB` : '';
  return `${doneLayers} of ${layers} layers${size}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}
