/** A fault at each step of a recreate, each seen to be injected, and what is left after it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/common/errors';
import { hostProcesses } from '../src/storage/processes';
import { commandLineOf, processesWith, signalProcess, waitFor } from '../test/support/processes';
import { RecreateGround } from '../test/support/recreateGround';
import { figure, type Figure } from './figures';
import { EngineGate } from './support/engineGate';

/** The steps, by the call to the engine that each is: the CLI's, Compose's or our own. */
export const CALLS = {
  build: /^POST \S*\/build\?/,
  commit: /^POST \S*\/commit\?/,
  stop: /^POST \S*\/containers\/\w+\/stop/,
  rename: /^POST \S*\/containers\/\w+\/rename/,
  create: /^POST \S*\/containers\/create/,
  network: /^POST \S*\/networks\/\S+\/connect/,
  start: /^POST \S*\/containers\/\w+\/start/,
  hook: /"Cmd":\[[^\]]*hook-of-the-bench/,
  tag: /^POST \S*\/images\/\S+\/tag\?/,
  remove: /^DELETE \S*\/containers\/\w+/,
} as const;

export type Step = keyof typeof CALLS;
export const FAULTS = ['the call fails', 'CLI dies', 'CLI and its children die', 'engine dies', 'extension host dies', 'cancel'] as const; // prettier-ignore
export type Fault = (typeof FAULTS)[number];

/** An engine and a kind of configuration on it. */
export interface Field {
  readonly name: string;
  readonly socketPath: string;
  readonly steps: readonly Step[];
  /** Those that are ours, once the CLI has ended. */
  readonly afterCli: readonly Step[];
  /** The configuration's files; with this value of the variable N. */
  readonly files: (mark: string) => Record<string, unknown>;
  readonly env?: NodeJS.ProcessEnv;
  /** Compose gives no container back, but one with its files. */
  readonly isCompose?: boolean;
  killAndRestart(): Promise<void>;
}

export type FieldKind = Pick<Field, 'name' | 'steps' | 'afterCli'>;

export const HOOK = 'echo hook-of-the-bench';

/** Rows to measure alone, as `Compose, cancel at stop`, `races` or a part of it; all unless told. */
const ROWS = new RegExp(process.env['SHIPSHAPE_FAULTS_ROWS'] ?? '');

export function isChosen(row: string): boolean {
  return ROWS.test(row);
}

export function hasChosen(field: FieldKind): boolean {
  return FAULTS.some((fault) => stepsOf(field, fault).length > 0);
}

/** One figure a fault: how many recreates left anything but one good container. */
export async function faultsOn(field: Field, each: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const fault of FAULTS) {
    const steps = stepsOf(field, fault);
    if (steps.length > 0) figures.push(await faultsOf(field, fault, steps, each));
  }
  return figures;
}

/** A CLI that has ended cannot die. */
function stepsOf({ name, steps, afterCli }: FieldKind, fault: Fault): readonly Step[] {
  const possible = steps.filter((step) => !fault.startsWith('CLI') || !afterCli.includes(step));
  return possible.filter((step) => isChosen(`${name}, ${fault} at ${step}`));
}

async function faultsOf(field: Field, fault: Fault, steps: readonly Step[], each: number): Promise<Figure> {
  let wrong = 0;
  let site = await openSite(field);
  try {
    for (const step of steps) {
      for (let n = 0; n < each; n++) {
        const why = await oneFault({ ...site, field, fault, step, mark: `${step}-${n}` }).catch(messageOf);
        console.log(`${field.name}, ${fault} at ${step}, ${n + 1} of ${each}: ${why ?? 'right'}`);
        if (why === undefined) continue;
        wrong++;
        // What a wrong one left must not make the next one wrong.
        await site.close();
        site = await openSite(field);
      }
    }
  } finally {
    await site.close();
  }
  return figure({
    name: `${field.name}: recreates that leave anything but one good container after: ${fault}`,
    ...{ value: wrong, unit: '', n: steps.length * each, bound: 0, boundOf: 'value' },
  });
}

/** A dev container that runs, on an engine that can be reached through the gate only. */
interface Site {
  readonly ground: RecreateGround;
  readonly gate: EngineGate;
  readonly storage: string;
  close(): Promise<void>;
}

async function openSite(field: Field): Promise<Site> {
  const storage = await mkdtemp(join(tmpdir(), 'shipshape-faults-'));
  const gate = await EngineGate.open(field.socketPath);
  // What is asked here in between, and waited for without letting the gate work, goes past it.
  const ground = new RecreateGround(() => `unix://${field.socketPath}`);
  const close = async (): Promise<void> => {
    leftovers(ground.folder).forEach((pid) => signalProcess(pid, 'SIGKILL'));
    await ground.close();
    gate.close();
    await rm(storage, { recursive: true, force: true, maxRetries: 5 });
  };
  const env = field.env ? { env: field.env } : {};
  await ground.open(field.files('0'), { dockerHost: gate.endpoint, storage, ...env });
  try {
    await ground.run('up');
    return { ground, gate, storage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Trial extends Site {
  readonly field: Field;
  readonly fault: Fault;
  readonly step: Step;
  readonly mark: string;
}

/** Gives what is wrong after it, if anything is; a fault that was not injected is. */
async function oneFault(trial: Trial): Promise<string | undefined> {
  const { ground, field, gate, storage, fault, step, mark } = trial;
  const old = ground.item().containerId ?? '';
  if (!ground.left().includes(`${old} running`)) return 'what the one before left has ended since';
  ground.inside(`echo ${mark} > /root/file`, old);
  await ground.write(field.files(mark));
  gate.arm(CALLS[step]);
  const window = fault === 'extension host dies' ? otherWindow(trial) : undefined;
  const job = window?.ended ?? ground.run('recreate').catch((error: unknown) => error);
  const early = await Promise.race([gate.held(), job]);
  if (early !== undefined) return `it ended before that step: ${JSON.stringify(early)} ${messageOf(early)}`;
  await inject(trial, window?.pid);
  await job;
  const journal = (): string[] => readdirSync(join(storage, 'journal'));
  const isOver = (): boolean => ground.item().activity === 'idle' && journal().length === 0;
  await waitFor('things to be right', isOver, 60_000);
  await ground.core.engines.refresh();
  await waitFor('all processes to end', () => leftovers(ground.folder).length === 0);
  return wrongOf(trial, old);
}

/** Processes of the job. The CLI's `docker run` stays for as long as its container runs; there may be one. */
function leftovers(folder: string): number[] {
  const all = processesWith(/^(?:node|docker|sh|python)/, folder);
  const runs = all.filter((pid) => commandLineOf(pid)[1] === 'run');
  return runs.length > 1 ? all : all.filter((pid) => !runs.includes(pid));
}

/** A window of its own process that recreates the same dev container. */
function otherWindow({ ground, gate, storage, field }: Trial): { pid: number; ended: Promise<unknown> } {
  const script = join(import.meta.dirname, '../test/integration/core/dyingWindow.ts');
  const tsx = join(import.meta.dirname, '../node_modules/tsx/dist/cli.mjs');
  const args = [tsx, script, gate.endpoint, ground.folder, storage];
  const env = field.env ?? process.env;
  const child = spawn(process.execPath, args, { stdio: 'ignore', detached: true, env });
  return { pid: child.pid ?? 0, ended: once(child, 'exit') };
}

async function inject({ ground, field, gate, storage, fault }: Trial, window = 0): Promise<void> {
  if (fault === 'the call fails') {
    gate.end('fail');
    return;
  }
  const { key } = ground.item();
  if (fault === 'cancel') {
    if (!ground.core.recreate.isRunning(key)) throw new Error('There was nothing to cancel.');
    ground.core.recreate.cancel(key);
  }
  if (fault === 'extension host dies') signalProcess(-window, 'SIGKILL');
  if (fault.startsWith('CLI')) {
    const cli = cliOf(storage);
    const name = hostProcesses.nameOf(cli);
    if (!hostProcesses.isAlive(name)) throw new Error('The CLI had ended before.');
    signalProcess(fault === 'CLI dies' ? cli : -cli, 'SIGKILL');
    await waitFor('the CLI to die', () => !hostProcesses.isAlive(name));
  }
  if (fault === 'engine dies') await field.killAndRestart();
  gate.end('go');
}

/** The process of the CLI that the journal tells of. */
function cliOf(storage: string): number {
  const folder = join(storage, 'journal');
  const entries = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { run?: { pid: number } },
  );
  const run = entries.find((entry) => entry.run)?.run;
  if (!run) throw new Error('The CLI did not run.');
  return run.pid;
}

/** Whether there is the old container with its files or the new one, and besides at most one that is kept for Roll Back. */
function wrongOf({ ground, field, fault, mark }: Trial, old: string): string | undefined {
  const kept = ground.item().previous?.containerId;
  const left = ground.left().filter((line) => kept === undefined || !line.startsWith(kept));
  const [only = '', another] = left;
  const [id = '', state] = only.split(' ');
  if (another !== undefined || id === '') return `there are ${left.length}: ${left.join(', ')}`;
  // An engine that dies takes what runs with it, and has a policy of its own for what it starts again.
  const endedWithEngine = fault === 'engine dies' && state === 'exited' && ground.item().state === 'stopped';
  if (endedWithEngine) ground.docker('start', id);
  else if (state !== 'running') return `it is ${state ?? ''}`;
  const name = ground.docker('inspect', '-f', '{{.Name}}', id);
  if (name.includes('_before_')) return `it is called ${name}`;
  if (ground.inside('echo $N', id) === mark) return undefined;
  if (id !== old && field.isCompose !== true) return 'it is neither the old one nor the new one';
  return ground.inside('cat /root/file', id) === mark ? undefined : 'its files are lost';
}
