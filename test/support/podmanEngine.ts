import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBaseImage } from './baseImage';
import { startDaemon } from './daemon';
import { engineAnswers } from './engineHttp';
import { runToEnd, signalProcess, waitFor } from './processes';

/** A Podman service of our own, with its own store. */
export interface TestPodman {
  readonly endpoint: string;
  readonly socketPath: string;
  /** What the `podman` client needs in its environment to use the same store. */
  readonly env: NodeJS.ProcessEnv;
  /** Freezes the service: its socket accepts, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Kills the service, whose containers run on, and starts it again on the same store. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts `podman system service` on a private store, with the base image in it.
 * @param insecure registries (`127.0.0.1:5000`) to which it talks without TLS; it never reads them again.
 */
export async function startPodmanEngine(insecure: readonly string[] = []): Promise<TestPodman> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-podman-'));
  const socketPath = join(folder, 'podman.sock');
  const env = await writeConfig(folder, insecure);
  const hadBridge = await hasDevice(defaultBridge);
  const start = () =>
    startDaemon({
      program: 'podman',
      args: ['system', 'service', '--time=0', `unix://${socketPath}`],
      logFile: join(folder, 'podman.log'),
      env,
      isUp: () => engineAnswers(socketPath),
    });
  let service = await start();
  const pause = () => signalProcess(service.pid, 'SIGSTOP');
  const resume = () => signalProcess(service.pid, 'SIGCONT');
  const killAndRestart = async () => {
    signalProcess(service.pid, 'SIGKILL');
    await waitFor('podman to end', () => !service.isRunning());
    service = await start();
  };
  const stop = async () => {
    resume();
    await runToEnd('podman', ['rm', '--all', '--force', '--time', '0'], { env });
    await runToEnd('podman', ['network', 'prune', '--force'], { env });
    await service.stop();
    if (!hadBridge && (await hasIdleBridge())) await runToEnd('ip', ['link', 'delete', defaultBridge]);
    await runToEnd('umount', ['-l', join(folder, 'root/overlay')]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  await importBaseImage(socketPath);
  return { endpoint: `unix://${socketPath}`, socketPath, env, pause, resume, killAndRestart, stop };
}

/** CNI gives Podman's default network this name, whatever the configuration says. */
const defaultBridge = 'cni-podman0';

/** It is there, and nobody else has a container on it. */
async function hasIdleBridge(): Promise<boolean> {
  const { code, stdout } = await runToEnd('ip', ['-o', 'link', 'show', 'master', defaultBridge]);
  return code === 0 && stdout === '';
}

async function hasDevice(name: string): Promise<boolean> {
  return (await runToEnd('ip', ['link', 'show', name])).code === 0;
}

/**
 * runc and cgroupfs, since there need not be a systemd; limits a container without privileges may set; and file
 * locks, because the usual ones are shared with the user's own Podman and freed when a new store is set up.
 */
async function writeConfig(folder: string, insecure: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const place = (name: string) => join(folder, name);
  const networks = `[network]\nnetwork_config_dir="${place('networks')}"\n`;
  const containers = '[containers]\ndefault_ulimits=["nofile=1024:1024","nproc=4096:4096"]\n';
  const engine = `[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nlock_type="file"\ntmp_dir="${place('tmp')}"\n`;
  const storage = `[storage]\ndriver="overlay"\ngraphroot="${place('root')}"\nrunroot="${place('run')}"\n`;
  await mkdir(place('networks'));
  await writeFile(place('containers.conf'), containers + engine + networks);
  await writeFile(place('storage.conf'), storage);
  const open = insecure.map((host) => `[[registry]]\nlocation="${host}"\ninsecure=true\n`);
  await writeFile(
    place('registries.conf'),
    ['unqualified-search-registries=["docker.io"]\n', ...open].join('\n'),
  );
  return {
    ...process.env,
    CONTAINERS_CONF: place('containers.conf'),
    CONTAINERS_STORAGE_CONF: place('storage.conf'),
    CONTAINERS_REGISTRIES_CONF: place('registries.conf'),
  };
}
