import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { callEngine } from '../../test/support/engineHttp';
import { signalProcess, startTimeOf, waitFor } from '../../test/support/processes';
import { startVsCodeServer } from '../../test/support/vscodeHost';
import { openWorkbench, type Workbench } from '../../test/support/workbench';
import type { HostState } from '../host/probe';
import { watchPainting, type Painted } from './painted';

/** A window on the real workbench in which our extension is not active yet. */
interface Window {
  readonly workbench: Workbench;
  readonly painted: Painted;
  /** Asks the probe in this window's extension host. */
  host(what: '/' | '/reset' | '/heap'): Promise<HostState>;
  close(): Promise<void>;
}

/** A VS Code server on one engine, for as many windows as are wanted, one after the other. */
export interface Windows {
  open(): Promise<Window>;
  stop(): Promise<void>;
}

/** Starts a server with the built extension and the probe in it, on an empty folder. */
export async function startWindows(root: string, dockerHost: string): Promise<Windows> {
  const place = await mkdtemp(join(tmpdir(), 'shipshape-windows-'));
  const socketPath = join(place, 'probe.sock');
  const folder = join(place, 'empty');
  await mkdir(folder);
  const server = await startVsCodeServer({
    installed: [root, await buildProbe(root)],
    env: { DOCKER_HOST: dockerHost, SHIPSHAPE_PROBE: socketPath },
  });
  let last = 0;
  const host = async (what: string): Promise<HostState> =>
    JSON.parse((await callEngine(socketPath, 'GET', what)).body) as HostState;
  return {
    async open() {
      const workbench = await openWorkbench({ ...server, folder });
      // The probe starts when the editor has finished its own start.
      await waitFor('the probe', () => host('/').then(({ pid }) => pid !== last, () => false), 30_000); // prettier-ignore
      last = (await host('/')).pid;
      const painted = await watchPainting(workbench.page);
      const close = async (): Promise<void> => {
        await workbench.close();
        await end(last);
      };
      return { workbench, painted, host, close };
    },
    async stop() {
      await server.stop();
      await rm(place, { recursive: true, force: true });
    },
  };
}

/**
 * Ends an extension host whose window is gone: the server keeps it for hours in case the window comes back, and it
 * would go on working beside the one that is measured.
 */
async function end(pid: number): Promise<void> {
  signalProcess(pid, 'SIGKILL');
  await waitFor('the end of the extension host', () => startTimeOf(pid) === undefined);
}

async function buildProbe(root: string): Promise<string> {
  const folder = join(root, 'out/bench/probe');
  await build({
    entryPoints: [join(root, 'bench/host/probe.ts')],
    outfile: join(folder, 'extension.js'),
    ...{ bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'warning' },
  });
  const manifest = {
    ...{ name: 'probe', publisher: 'shipshape-bench', version: '1.0.0', engines: { vscode: '^1.100.0' } },
    ...{ main: './extension.js', activationEvents: ['onStartupFinished'] },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
