/** An engine as a job may leave it, with the dev container's old container `a` and new ones `b` and `c`. */
import { keyOf } from '../../src/core/identity';
import { settle, type Attempt } from '../../src/core/outcome';
import type { CliResult, ContainerFacts } from '../../src/core/ports';
import { devContainer, FakeEngine } from './fakeEngine';

export const FILE = '/w/.devcontainer/devcontainer.json';
const KEY = keyOf({ engine: 'fake', workspaceFolder: '/w', configFile: FILE });
export const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
export const ASIDE = 'ca_before_aaaaaaaa';

/** The container before the job, and what the job did to it: nothing, set aside, or removed. */
type Old = 'untouched' | 'aside' | 'gone' | 'stoppedBefore';

export function setUp(
  old: Old | undefined,
  made: readonly ContainerFacts[],
  bystanders: readonly ContainerFacts[] = [],
) {
  const engine = new FakeEngine();
  const all: ContainerFacts[] = [...made, ...bystanders];
  if (old === 'untouched') all.push(devContainer('a', '/w', FILE));
  if (old === 'stoppedBefore') all.push(devContainer('a', '/w', FILE, { state: 'exited' }));
  if (old === 'aside') {
    all.push(devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited', finishedAt: 1000 }));
  }
  for (const facts of all) engine.containers.set(facts.id, facts);
  const wasRunning = old !== 'stoppedBefore';
  const replaced = { id: OLD, name: 'ca', setAsideName: ASIDE, wasRunning };
  const before = new Set(old === undefined ? [] : [OLD]);
  const attempt: Attempt = { key: KEY, engine, before, ...(old === undefined ? {} : { replaced }) };
  const run = (result: CliResult | Error) => settle(attempt, result, 77);
  const left = (): string[] => [...engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { engine, attempt, run, left };
}

export const running = devContainer('b', '/w', FILE, { createdAt: 2, startedAt: 1750 });
export const ended = devContainer('b', '/w', FILE, { state: 'exited', exitCode: 3 });
export const created = devContainer('c', '/w', FILE, { state: 'created', createdAt: 1 });
