import { request } from 'node:http';
import type { Snapshot } from '../../src/api';
import { silentLogger as logger } from '../../src/common/logger';
import { hostTimers as timers } from '../../src/common/scheduling';
import type { EnginePort } from '../../src/core/ports';
import { DockerEngine } from '../../src/engine/client';
import { resolveEndpoint } from '../../src/engine/endpoints';
import { FakeDisk, FakeInputs, FakeRecords } from '../../test/support/fakeDisk';
import { inventoryParts } from '../../test/support/inventoryParts';

export type Watched = Awaited<ReturnType<typeof watchEngine>>;

/** The inventory of one engine with a real connection; configurations are held in memory. */
export async function watchEngine(dockerHost: string) {
  return watchPort(new DockerEngine(await resolveEndpoint(dockerHost)));
}

/** The same of an engine that is reached in another way. */
export function watchPort(port: EnginePort) {
  const disk = new FakeDisk();
  const parts = inventoryParts({
    ...{ timers, logger, finder: disk, reader: disk, watcher: disk },
    ...{ inputReader: new FakeInputs(), inputWatcher: new FakeDisk(), records: () => new FakeRecords() },
    ...{ look: { exists: () => Promise.resolve(true) }, mayRead: () => true },
  });
  const { engines, inventory, statuses, configs, dispose } = parts;
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
    ...{ engines, inventory, statuses, configs, disk, until, dispose },
    connect: () => engines.use([port]),
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
