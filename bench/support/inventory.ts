import { request } from 'node:http';
import type { Snapshot } from '../../src/api';
import { silentLogger as logger } from '../../src/common/logger';
import { hostTimers as timers } from '../../src/common/scheduling';
import { Configs } from '../../src/core/configs';
import { Drift } from '../../src/core/drift';
import * as judging from '../../src/core/verdict';
import { Engines } from '../../src/core/engines';
import { Folders } from '../../src/core/folders';
import { ImageStatuses } from '../../src/core/imageStatuses';
import { ImageTags } from '../../src/core/imageTags';
import { Inputs } from '../../src/core/inputs';
import { Inventory } from '../../src/core/inventory';
import { JobBoard } from '../../src/core/jobBoard';
import type { EnginePort } from '../../src/core/ports';
import { PreviousContainers } from '../../src/core/previous';
import { DockerEngine } from '../../src/engine/client';
import { resolveEndpoint } from '../../src/engine/endpoints';
import { FakeDisk, FakeInputs, FakeRecords } from '../../test/support/fakeDisk';

export type Watched = Awaited<ReturnType<typeof watchEngine>>;

/** The inventory of one engine with a real connection; configurations are held in memory. */
export async function watchEngine(dockerHost: string) {
  return watchPort(new DockerEngine(await resolveEndpoint(dockerHost)));
}

/** The same of an engine that is reached in another way. */
export function watchPort(port: EnginePort) {
  const disk = new FakeDisk();
  const engines = new Engines(timers, logger);
  const configs = new Configs(disk, disk, disk, timers, logger);
  const drift = new Drift(new FakeRecords(), disk, () => judging, logger);
  const board = new JobBoard();
  const inputs = new Inputs(new FakeInputs(), new FakeDisk(), () => [], timers);
  const images = new ImageTags(engines, logger);
  const previous = new PreviousContainers(new FakeRecords(), logger);
  const statuses = new ImageStatuses(new FakeRecords(), timers, logger);
  const sources = {
    previous,
    engines,
    configs,
    inputs,
    images,
    statuses,
    drift,
    board,
    folders: new Folders({ exists: () => Promise.resolve(true) }),
    mayRead: () => true,
    placements: new Map<string, string>(),
  };
  const inventory = new Inventory(sources, timers);
  const until = (holds: (snapshot: Snapshot) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (snapshot: Snapshot): void => {
        if (!holds(snapshot)) return;
        listening.dispose();
        resolve();
      };
      const listening = inventory.onDidChange(({ snapshot }) => check(snapshot));
      check(inventory.snapshot);
    });
  return {
    ...{ engines, inventory, statuses, configs, disk, until },
    connect: () => engines.use([port]),
    dispose: () => [inventory, configs, inputs, images, statuses, engines].forEach((part) => part.dispose()),
  };
}

/** A bare reader of the engine's events: calls back with each chunk as it arrives. */
export async function readEvents(socketPath: string, onChunk: (text: string) => void): Promise<() => void> {
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'] }));
  const call = request({ socketPath, path: `/events?filters=${filters}`, agent: false });
  await new Promise<void>((resolve, reject) => {
    call.on('response', (response) => {
      response.on('data', (data: Buffer) => onChunk(data.toString()));
      response.on('error', () => undefined);
      resolve();
    });
    call.on('error', reject);
    call.end();
  });
  return () => call.destroy();
}
