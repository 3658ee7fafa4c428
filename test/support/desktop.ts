import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalProcess } from './processes';
import { checkout } from './sample';

/** A window of the user's own VS Code, with settings of its own. */
export interface Desktop {
  /** Resolves when the user closes it. */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

/** Opens a folder in the desktop VS Code with the extension under development. */
export async function openDesktop(folder: string, dockerHost: string): Promise<Desktop> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shipshape-desktop-'));
  // Settings of its own make it a process of its own, which takes our environment and ends with the window.
  const own = ['--user-data-dir', dataDir, '--extensions-dir', join(dataDir, 'extensions')];
  const args = [
    ...own,
    '--wait',
    '--disable-workspace-trust',
    `--extensionDevelopmentPath=${checkout}`,
    folder,
  ];
  const env = { ...process.env, DOCKER_HOST: dockerHost };
  const child = spawn('code', args, { env, detached: true, stdio: 'ignore' });
  const closed = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  const stop = async () => {
    if (child.pid !== undefined) {
      signalProcess(-child.pid, 'SIGTERM');
    }
    await closed;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { closed, stop };
}
