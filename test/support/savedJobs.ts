/** Jobs as windows write them down. */
import type { Job } from '../../src/core/job';
import { keyOf } from '../../src/core/identity';
import type { EnginePort } from '../../src/core/ports';
import type { Replaced } from '../../src/core/swap';
import { CLEAN } from '../../src/core/snapshot';

export const FILE = '/w/.devcontainer/devcontainer.json';
export const ASIDE = 'ca_before_aaaaaaaa';
export const KEY = keyOf({ engine: 'fake', workspaceFolder: '/w', configFile: FILE });
export const replaced: Replaced = { id: 'a'.repeat(64), name: 'ca', setAsideName: ASIDE, wasRunning: true };

/** A recreate of the dev container in `/w`, as far as a journal looks at it. */
export function recreateJob(engine: EnginePort, old = replaced, known: readonly string[] = []): Job {
  const facts = { key: KEY, engine: engine.key, workspaceFolder: '/w', configFile: FILE };
  return {
    kind: 'recreate',
    startedAt: 1_000,
    facts: { ...facts, onDisk: true, duplicates: [], verdict: CLEAN },
    store: undefined as never,
    inputs: [],
    attempt: { key: KEY, engine, before: new Set(), duplicates: known, replaced: old },
  };
}
