import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { signalProcess, waitFor, withDescendants, type RunOptions } from './processes';

/** A program that stays up, in a process group of its own. */
export interface Daemon {
  readonly pid: number;
  isRunning(): boolean;
  /** Ends the whole group: SIGTERM, and SIGKILL for what is left after five seconds. */
  stop(): Promise<void>;
}

/** What to start, where its words go, and how to know that it is up. */
export interface DaemonOptions extends RunOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly isUp: () => Promise<boolean>;
  readonly timeoutMs?: number;
}

/** Starts a program and waits until it is up; throws with its last words when it ends before. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const daemon = await spawnGroup(options);
  const check = async () => {
    if (!daemon.isRunning()) {
      const words = (await readFile(options.logFile, 'utf8')).slice(-2_000);
      throw new Error(`${options.program} ended at once:\n${words}`);
    }
    return options.isUp();
  };
  try {
    await waitFor(`${options.program} to be up`, check, options.timeoutMs ?? 30_000);
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** Detached, so that a Ctrl-C in the terminal reaches us only and we end it in good order. */
function spawnGroup({ program, args, logFile, cwd, env }: DaemonOptions): Promise<Daemon> {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, {
    cwd,
    env: env ?? process.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${program} cannot be started: ${error.message}`)));
    child.on('spawn', () => {
      const pid = Number(child.pid);
      resolve({ pid, isRunning, stop: () => stopGroup(pid, isRunning) });
    });
  });
}

async function stopGroup(pid: number, isRunning: () => boolean): Promise<void> {
  const tree = withDescendants([pid]); // Terminals, for one, have groups of their own.
  if (isRunning()) {
    signalProcess(-pid, 'SIGTERM');
    await waitFor('the group to end', () => !isRunning(), 5_000).catch(() => undefined);
  }
  signalProcess(-pid, 'SIGKILL');
  tree.forEach((each) => signalProcess(each, 'SIGKILL'));
  await waitFor('the group to end', () => !isRunning());
}
