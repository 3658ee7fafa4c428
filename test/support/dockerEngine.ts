import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importBaseImage } from './baseImage';
import { callEngine, engineAnswers } from './engineHttp';
import { clearGround, takeGround, type Ground } from './engineGround';
import { processesWith, signalProcess, waitFor } from './processes';

/** How a private engine differs from the usual one. */
export interface EngineOptions {
  /** More arguments for dockerd. */
  readonly args?: readonly string[];
  /** More settings for its daemon.json. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** False leaves the engine without any image. */
  readonly baseImage?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** A Docker Engine of our own, which tests may kill, restart and freeze. */
export interface TestEngine {
  /** `unix://…`, as DOCKER_HOST wants it. */
  readonly endpoint: string;
  readonly socketPath: string;
  readonly folder: string;
  /** The daemon's process id; undefined while it is down. */
  readonly pid: number | undefined;
  /** Sends dockerd a signal, SIGKILL unless told, and waits for its end. With SIGTERM it stops containers first. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts dockerd again on the same data; one that still runs is told to end first (SIGTERM unless told). */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Freezes dockerd: its socket accepts, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it for good and leaves nothing behind. */
  stop(): Promise<void>;
}

/** Starts a private dockerd with a bridge, data and a socket of its own, and waits until it answers. */
export async function startDockerEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const engine = new PrivateEngine(await takeGround(), options);
  try {
    await engine.restart();
    if (options.baseImage !== false) {
      await importBaseImage(engine.socketPath);
    }
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

class PrivateEngine implements TestEngine {
  readonly endpoint: string;
  readonly socketPath: string;
  readonly folder: string;
  private daemon: ChildProcess | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly ground: Ground,
    private readonly options: EngineOptions,
  ) {
    this.folder = ground.folder;
    this.socketPath = join(ground.folder, 'docker.sock');
    this.endpoint = `unix://${this.socketPath}`;
  }

  get pid(): number | undefined {
    return isRunning(this.daemon) ? this.daemon.pid : undefined;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const daemon = this.daemon;
    if (isRunning(daemon)) {
      daemon.kill('SIGCONT');
      daemon.kill(signal);
      await waitFor('dockerd to end', () => !isRunning(daemon), 30_000);
    }
  }

  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.kill(signal);
    await this.clearTraces();
    const daemon = await this.spawnDaemon();
    this.daemon = daemon;
    await waitFor(
      'dockerd to answer',
      async () => {
        if (!isRunning(daemon)) {
          throw new Error(`dockerd ended at once:\n${await this.lastWords()}`);
        }
        return engineAnswers(this.socketPath);
      },
      30_000,
    );
  }

  pause(): void {
    this.daemon?.kill('SIGSTOP');
  }

  resume(): void {
    this.daemon?.kill('SIGCONT');
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.resume();
    if (this.pid !== undefined) {
      await killContainers(this.socketPath).catch(() => undefined); // What is left then dies with the ground.
      await endWithin(this.daemon, 5_000);
    }
    await clearGround(this.ground);
  }

  /** A killed dockerd takes its containerd along, but a new one that still sees the old waits for it in vain. */
  private async clearTraces(): Promise<void> {
    const settings = join(this.folder, 'exec/containerd/containerd.toml');
    await waitFor('containerd to end', () => processesWith(/^containerd$/, settings).length === 0);
    const traces = ['pid', 'docker.sock', 'exec/containerd/containerd.pid'];
    await Promise.all(traces.map((name) => rm(join(this.folder, name), { force: true })));
  }

  private async spawnDaemon(): Promise<ChildProcess> {
    const { ground, options } = this;
    await writeFile(join(ground.folder, 'daemon.json'), JSON.stringify(daemonConfig(ground, options)));
    const log = openSync(join(ground.folder, 'dockerd.log'), 'a');
    const args = ['-H', this.endpoint, '--config-file', join(ground.folder, 'daemon.json')];
    args.push(
      '--containerd-namespace',
      ground.bridge,
      '--containerd-plugins-namespace',
      `${ground.bridge}-p`,
    );
    // Detached, so that a Ctrl-C in the terminal reaches us only and we end it in good order.
    const child = spawn('dockerd', [...args, ...(options.args ?? [])], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...options.env },
    });
    closeSync(log);
    return new Promise((resolve, reject) => {
      child.on('error', (error) => reject(new Error(`dockerd (package docker.io): ${error.message}`)));
      child.on('spawn', () => resolve(child));
    });
  }

  private async lastWords(): Promise<string> {
    return (await readFile(join(this.folder, 'dockerd.log'), 'utf8')).slice(-2_000);
  }
}

/** Nothing here may touch what a user's own engine has: not its chains, its containerd names or its settings. */
function daemonConfig(ground: Ground, options: EngineOptions): Record<string, unknown> {
  return {
    'data-root': join(ground.folder, 'data'),
    'exec-root': join(ground.folder, 'exec'),
    pidfile: join(ground.folder, 'pid'),
    bridge: ground.bridge,
    iptables: false,
    ip6tables: false,
    'default-address-pools': [{ base: ground.network.replace('.0.0/16', '.128.0/17'), size: 24 }],
    ...options.config,
  };
}

function isRunning(daemon: ChildProcess | undefined): daemon is ChildProcess {
  return daemon?.exitCode === null && daemon.signalCode === null;
}

/** Containers killed through the engine don't hold up its end for ten seconds each. */
async function killContainers(socketPath: string): Promise<void> {
  await callEngine(socketPath, 'POST', '/swarm/leave?force=1');
  const list = await callEngine(socketPath, 'GET', '/containers/json');
  const running = JSON.parse(list.body) as { Id: string }[];
  await Promise.all(running.map(({ Id }) => callEngine(socketPath, 'POST', `/containers/${Id}/kill`)));
}

async function endWithin(daemon: ChildProcess | undefined, timeoutMs: number): Promise<void> {
  daemon?.kill('SIGTERM');
  try {
    await waitFor('dockerd to end', () => !isRunning(daemon), timeoutMs);
  } catch {
    if (daemon?.pid !== undefined) {
      signalProcess(daemon.pid, 'SIGKILL');
    }
  }
}
