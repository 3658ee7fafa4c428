import { window } from 'vscode';
import type { CheckOptions, Container, DevContainer, Disposable, ImageCheck } from '../api';
import { DisposableStore } from '../common/disposable';
import { ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import { containerBases } from '../core/containerBases';
import type { Engines } from '../core/engines';
import { containerKey } from '../core/identity';
import { ImageChecks, type Checked } from '../core/imageChecks';
import type { RegistryPort } from '../core/imagePorts';
import type { ImageReference } from '../core/imageReference';
import { ImageSchedule } from '../core/imageSchedule';
import type { ImageStatuses } from '../core/imageStatuses';
import { summaryWords } from '../core/imageWords';
import type { Inventory } from '../core/inventory';
import type { Inputs } from '../core/inputs';
import { itemsOf, type Layout } from '../core/order';
import type { LoginPort, RegistryLogin } from '../core/pullPorts';
import { settings } from './settings';
import { containerById } from './targets';

export interface ImagesParts {
  readonly inventory: Inventory;
  readonly engines: Engines;
  readonly inputs: Inputs;
  readonly statuses: ImageStatuses;
  readonly registry: RegistryPort & LoginPort;
  /** When the last check by the schedule began, over all windows, in milliseconds since 1970. */
  readonly memory: { get(): number | undefined; set(at: number): void };
  /** What follows each check by the schedule. */
  readonly afterSchedule: () => Promise<unknown>;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Checks images, when somebody says so and by the schedule. Loaded with the first of them. */
export class Images implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #checks: ImageChecks;
  readonly #schedule: ImageSchedule;

  constructor(private readonly parts: ImagesParts) {
    const { engines, statuses, registry, memory, timers, logger } = parts;
    const lifetimes = settings.imageLifetimes;
    this.#checks = this.#parts.add(
      new ImageChecks({ engines, statuses, registry, timers, logger, lifetimes }),
    );
    this.#schedule = this.#parts.add(
      new ImageSchedule({
        ...{ memory, timers },
        hours: settings.imageHours,
        isInUse: () => window.state.focused,
        check: async () => {
          await this.check({});
          await parts.afterSchedule();
        },
      }),
    );
  }

  /** The window may have come into use, or the setting changed. */
  plan(): void {
    this.#schedule.plan();
  }

  /**
   * Checks the images of the containers and dev containers of these keys, or of all. Rejects with `notFound` for a key
   * that is not there.
   */
  async check({ keys, force = false }: CheckOptions): Promise<readonly ImageCheck[]> {
    return this.#checks.check(await this.chosen(keys), { force });
  }

  /** Asks the registries now, unless they were asked a moment ago. */
  checkNow(checked: readonly Checked[]): Promise<readonly ImageCheck[]> {
    return this.#checks.check(checked, { force: true });
  }

  /** The containers of these keys, or all; rejects with `notFound` for a key that is not there. */
  async chosen(keys: readonly string[] | undefined): Promise<readonly Checked[]> {
    const { containers, devContainers } = await this.parts.inventory.complete();
    const items = new Map<string, Container | DevContainer>(
      [...containers, ...devContainers].map((item) => [item.key, item]),
    );
    const chosen = (keys ?? containers.map(({ key }) => key)).map((key) => {
      const item = items.get(key);
      if (!item) throw new ShipshapeError('notFound', `There is no container or dev container ${key}.`);
      return item;
    });
    return this.#checked(chosen);
  }

  /** The login with which an engine pulls an image; rejects for a file of logins that cannot be read. */
  login(reference: ImageReference): Promise<RegistryLogin | undefined> {
    return this.parts.registry.login(reference);
  }

  /** The same for the rows that a command was called with, shown as it goes on and summed up at the end. */
  async checkRows(args: readonly unknown[], force: boolean): Promise<readonly ImageCheck[]> {
    await this.parts.inventory.ready();
    const keys = this.keysOfRows(args);
    const work = this.check({ force, ...(keys ? { keys } : {}) });
    for (const viewId of ['shipshape.devContainers', 'shipshape.containers'])
      void window.withProgress({ location: { viewId } }, () => work.catch(() => undefined));
    const checks = await work;
    window.setStatusBarMessage(summaryWords(checks), 10_000);
    return checks;
  }

  /** The keys of the rows that a command was called with; undefined where they name none, which means all. */
  keysOfRows([argument, selected]: readonly unknown[]): readonly string[] | undefined {
    const rows = Array.isArray(selected) && selected.length > 1 ? (selected as unknown[]) : [argument];
    const named = rows.flatMap((row) => this.#keysOf(row) ?? []);
    return rows.some((row) => this.#keysOf(row)) ? [...new Set(named)] : undefined;
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** Those that an engine tells of; a dev container without a container has no image yet. */
  #checked(items: readonly (Container | DevContainer)[]): Checked[] {
    const { inventory, inputs, engines } = this.parts;
    const basesOf = containerBases(inventory.snapshot, inputs);
    const rows = new Map(inventory.snapshot.containers.map((row) => [row.key, row]));
    return items.flatMap(({ key, engine, ...item }) => {
      const row = rows.get('activity' in item ? containerKey(engine, item.containerId ?? '') : key);
      const container = row && engines.find(engine)?.find(row.id);
      return container ? [{ engine, container, bases: basesOf(row) }] : [];
    });
  }

  /** What a row or an object of the API's shape stands for; undefined for what names nothing, which means all. */
  #keysOf(row: unknown): readonly string[] | undefined {
    if (typeof row !== 'object' || row === null) return undefined;
    const { item, section, parent, containerId, workspaceFolder, configFile, engine } = row as RowLike;
    if (section) return itemsOf(section.children).map(({ key }) => key);
    if (item) return [item.key];
    if (parent) return this.#keysOf(parent);
    const { inventory } = this.parts;
    if (typeof containerId === 'string') return [containerById(inventory, containerId, engine).key];
    if (typeof workspaceFolder !== 'string') return undefined;
    const target = { workspaceFolder, ...(configFile && { configFile }), ...(engine && { engine }) };
    return [inventory.find(target).key];
  }
}

/** As much of an argument as matters here; other extensions may pass anything. */
interface RowLike {
  readonly item?: { readonly key: string };
  readonly section?: { readonly children: readonly Layout<{ readonly key: string }>[] };
  readonly parent?: unknown;
  readonly containerId?: unknown;
  readonly workspaceFolder?: unknown;
  readonly configFile?: string;
  readonly engine?: string;
}
