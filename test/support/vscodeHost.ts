import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemon';
import { freePort } from './freePort';
import { installVsCode, type VsCodeVersion } from './vscodeInstall';

/** Which VS Code to start, and how. */
export interface ServerOptions {
  readonly version?: VsCodeVersion;
  readonly port?: number;
  /** Kept when given; otherwise a fresh one, deleted at the end. */
  readonly serverDataDir?: string;
  /** True leaves workspace trust on: for tests of trust itself. */
  readonly trust?: boolean;
  /** Machine settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
  /** The folders of extensions that are to be there as if they had been installed. */
  readonly installed?: string | readonly string[];
  /** A program with its arguments that starts the server: with fewer rights, say. */
  readonly startedBy?: readonly string[];
  /** True lets pages load an extension under development with tests. The workbench is then not quite a user's. */
  readonly testDriver?: boolean;
}

/** A running VS Code server, whose workbench a browser can open. */
export interface VsCodeServer {
  readonly version: VsCodeVersion;
  readonly url: string;
  readonly serverDataDir: string;
  stop(): Promise<void>;
}

/** An extension under development and a module with `run()` that tests it in the extension host. */
export interface HostTests {
  readonly extension: string;
  readonly tests: string;
}

/** Starts a VS Code server and waits until it answers. */
export async function startVsCodeServer(options: ServerOptions = {}): Promise<VsCodeServer> {
  const version = options.version ?? '1.100.3';
  const install = await installVsCode(version);
  const serverDataDir = options.serverDataDir ?? (await mkdtemp(join(tmpdir(), 'shipshape-vscode-')));
  await writeSettings(serverDataDir, options.settings ?? {});
  await writeExtensions(serverDataDir, [options.installed ?? []].flat());
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const [program, ...args] = [...(options.startedBy ?? []), install.node, 'out/server-main.js'] as const;
  const daemon = await startDaemon({
    program,
    args: [...args, ...serverArgs(port, serverDataDir, options)],
    cwd: install.folder,
    env: { ...process.env, ...options.env },
    logFile: join(serverDataDir, 'server.log'),
    isUp: () => answers(url),
    timeoutMs: 60_000,
  });
  const stop = async () => {
    await daemon.stop();
    if (options.serverDataDir === undefined) {
      await rm(serverDataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  return { version, url, serverDataDir, stop };
}

/** The address of the workbench on a folder, if need be with tests, which need a server with a test driver. */
export function pageUrl(server: Pick<VsCodeServer, 'url'>, folder: string, tests?: HostTests): string {
  const remote = (path: string) => `vscode-remote://${new URL(server.url).host}${path}`;
  const query = new URLSearchParams({ folder });
  if (tests !== undefined) {
    const payload = [
      ['extensionDevelopmentPath', remote(tests.extension)],
      ['extensionTestsPath', remote(tests.tests)],
      ['skipWelcome', 'true'],
    ];
    query.set('payload', JSON.stringify(payload));
  }
  return `${server.url}/?${query.toString()}`;
}

function serverArgs(port: number, serverDataDir: string, options: ServerOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port), '--server-data-dir', serverDataDir],
    ...['--without-connection-token', '--accept-server-license-terms', '--disable-telemetry'],
    // Without it a page's payload is not looked at; but with it newer versions show no notifications.
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
    ...(options.trust ? [] : ['--disable-workspace-trust']),
  ];
}

async function writeSettings(
  serverDataDir: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const quiet = {
    'git.openRepositoryInParentFolders': 'never',
    'workbench.startupEditor': 'none',
    // On a canvas nobody can read what a terminal says.
    'terminal.integrated.gpuAcceleration': 'off',
  };
  const folder = join(serverDataDir, 'data/Machine');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...quiet, ...settings }));
}

/** The list VS Code keeps of what is installed may name any folder: also the checkout itself. */
async function writeExtensions(serverDataDir: string, extensions: readonly string[]): Promise<void> {
  const entries = await Promise.all(
    extensions.map(async (path) => {
      const manifest = await readFile(join(path, 'package.json'), 'utf8');
      const { publisher, name, version } = JSON.parse(manifest) as Record<string, string>;
      const identifier = { id: `${publisher ?? ''}.${name ?? ''}` };
      const location = { $mid: 1, scheme: 'file', path };
      return { identifier, version, location, metadata: { source: 'vsix' } };
    }),
  );
  if (entries.length === 0) return;
  await mkdir(join(serverDataDir, 'extensions'), { recursive: true });
  await writeFile(join(serverDataDir, 'extensions/extensions.json'), JSON.stringify(entries));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
