import type { Logger } from '../../src/common/logger';
import type { Timers } from '../../src/common/scheduling';
import { Configs } from '../../src/core/configs';
import { Drift } from '../../src/core/drift';
import { Engines } from '../../src/core/engines';
import { Folders, type FolderLook } from '../../src/core/folders';
import { ImageStatuses } from '../../src/core/imageStatuses';
import { ImageTags } from '../../src/core/imageTags';
import { Inputs } from '../../src/core/inputs';
import { Inventory } from '../../src/core/inventory';
import { JobBoard } from '../../src/core/jobBoard';
import type {
  ConfigFinder,
  ConfigReader,
  ConfigWatcher,
  InputReader,
  RecordStore,
} from '../../src/core/ports';
import { PreviousContainers } from '../../src/core/previous';
import * as judging from '../../src/core/verdict';

export interface Adapters {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly finder: ConfigFinder;
  readonly reader: ConfigReader;
  readonly watcher: ConfigWatcher;
  readonly inputReader: InputReader;
  readonly inputWatcher: ConfigWatcher;
  readonly look: FolderLook;
  readonly records: (of: 'made-from' | 'failures' | 'previous' | 'images') => RecordStore;
  readonly mayRead: (folder: string) => boolean;
}

/** The inventory and all that it is made from, put together as the extension does it; no engine is used yet. */
export function inventoryParts({ timers, logger, reader, records, mayRead, ...adapters }: Adapters) {
  const engines = new Engines(timers, logger);
  const configs = new Configs(adapters.finder, reader, adapters.watcher, timers, logger);
  const drift = new Drift(records('made-from'), reader, () => judging, logger);
  const recorded = (file: string) => drift.inputsOf(file);
  const inputs = new Inputs(adapters.inputReader, adapters.inputWatcher, recorded, timers);
  const images = new ImageTags(engines, logger);
  const statuses = new ImageStatuses(records('images'), timers, logger);
  const board = new JobBoard(records('failures'), logger);
  const previous = new PreviousContainers(records('previous'), logger);
  const folders = new Folders(adapters.look);
  const placements = new Map<string, string>();
  const known = { engines, configs, inputs, images, statuses, drift, board, previous, folders, placements };
  const inventory = new Inventory({ ...known, mayRead }, timers);
  const dispose = (): void =>
    [inventory, configs, inputs, images, statuses, engines, drift, board, previous].forEach((part) =>
      part.dispose(),
    );
  return { ...known, inventory, dispose };
}
