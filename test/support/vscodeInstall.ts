import { existsSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { withLock } from './lock';
import { run } from './processes';

/** A VS Code server on this machine's disk: the Node to run it with, and its folder. */
export interface VsCodeInstall {
  readonly node: string;
  readonly folder: string;
}

/** The VS Code versions the suites run on: the oldest we support and the current one. */
export const vscodeVersions = ['1.100.3', '1.139.1'] as const;

/** One of them. */
export type VsCodeVersion = (typeof vscodeVersions)[number];

/** Which npm packages bring each version, and what in it has to be compiled here. */
const sources = {
  '1.100.3': { server: 'code-server@4.100.3', node: '20.20.2', watchdog: 'native-watchdog' },
  '1.139.1': { server: 'code-server@4.139.1', node: '24.21.0', watchdog: '@vscode/native-watchdog' },
} as const;

/** Finds a VS Code server in the cache, or puts it there first; no half of one is ever seen. */
export async function installVsCode(version: VsCodeVersion): Promise<VsCodeInstall> {
  const cache = cacheFolder();
  const runtime = isOurs(sources[version].node) ? `node${process.versions.modules}` : 'npm-node';
  const target = join(cache, `vscode-${version}-${process.arch}-${runtime}`);
  await mkdir(cache, { recursive: true });
  if (!existsSync(target)) {
    await withLock(`${target}.lock`, () => (existsSync(target) ? Promise.resolve() : build(version, target)));
  }
  const ownNode = join(target, 'node/package/bin/node');
  return {
    node: existsSync(ownNode) ? ownNode : process.execPath,
    folder: join(target, 'server/package/lib/vscode'),
  };
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['SHIPSHAPE_CACHE'] ?? join(base, 'shipshape');
}

async function build(version: VsCodeVersion, target: string): Promise<void> {
  console.log(`Fetching VS Code ${version} (once, into ${target})`);
  const { server, node, watchdog } = sources[version];
  const fresh = await mkdtemp(`${target}.part-`);
  try {
    const runtime = await fetchNode(node, join(fresh, 'node'));
    await unpack(server, join(fresh, 'server'));
    const options = { cwd: join(fresh, 'server/package/lib/vscode'), env: buildEnv(runtime) };
    await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], options);
    const natives = ['node-pty', '@vscode/spdlog', watchdog];
    await run('npm', ['rebuild', '--ignore-scripts=false', ...natives], options);
    await rename(fresh, target);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function isOurs(nodeVersion: string): boolean {
  return process.versions.node.split('.')[0] === nodeVersion.split('.')[0];
}

/** Each version runs on the Node it was made for: ours when it is that one, else one from npm. */
async function fetchNode(version: string, folder: string): Promise<string> {
  if (isOurs(version)) {
    return process.execPath;
  }
  await unpack(`node-linux-${process.arch}@${version}`, folder);
  return join(folder, 'package/bin/node');
}

async function unpack(spec: string, folder: string): Promise<void> {
  await mkdir(folder);
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder, spec]);
  const [entry] = JSON.parse(packed) as { filename: string }[];
  const file = join(folder, entry?.filename ?? '');
  await run('tar', ['-xzf', file, '-C', folder]);
  await rm(file);
}

/** npm runs on that Node and compiles with its headers, which a user's npmrc may have elsewhere. */
function buildEnv(node: string): NodeJS.ProcessEnv {
  const bin = dirname(realpathSync(node));
  const hasHeaders = existsSync(join(dirname(bin), 'include/node/node.h'));
  return {
    ...process.env,
    npm_config_yes: 'true', // node-pty's script calls npx
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    ...(hasHeaders ? { npm_config_nodedir: dirname(bin) } : {}),
  };
}
