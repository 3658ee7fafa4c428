/** Builds dist/: the extension in a few files, the Dev Containers CLI beside it, and the types of the API. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildStages, LOADER, STAGE_NAMES } from './stages.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const esbuild = await import('esbuild');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

/** dockerode drags these in for ssh, BuildKit sessions and packing build contexts, none of which we use. */
const unusedParts = {
  name: 'unused-parts',
  setup(build) {
    build.onResolve({ filter: /^(ssh2|@grpc\/.*|protobufjs|cpu-features|tar-fs)$/ }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * In the editor's extension host `http` sends requests to other machines through an agent of its own, for proxies: of an
 * engine's agent, ssh and the TLS keys would be lost. So dockerode gets what the host keeps of Node's own functions
 * (VS Code, src/vs/workbench/api/node/proxyResolver.ts).
 */
const ownHttp = {
  name: 'own-http',
  setup(build) {
    build.onResolve({ filter: /^https?$/ }, ({ path }) => ({ path, namespace: 'own-http' }));
    build.onLoad({ filter: /.*/, namespace: 'own-http' }, ({ path }) => ({
      contents: `const given = require('node:${path}'); module.exports = given.__vscodeOriginal ?? given;`,
    }));
  },
};

/**
 * What the extension loads when it needs it first, each a file of its own in dist/lib: libraries, and parts of its own
 * that activation does without.
 */
const LIBRARIES = ['dockerode', 'chokidar', 'js-yaml', 'picomatch'];
const PARTS = {
  './devcontainers/cli': 'cli',
  './devcontainers/configFinder': 'finder',
  './devcontainers/featureCli': 'features',
  './devcontainers/inputs/reader': 'inputs',
  './devcontainers/jobLogs': 'logs',
  './core/jobSteps': 'jobs',
  './core/verdict': 'verdicts',
  './registry/hostRegistries': 'registries',
  './ui/commands': 'commandTable',
  './ui/configDiagnostics': 'problems',
  './ui/images': 'images',
  './ui/notifications': 'notices',
  './ui/rareCommands': 'commands',
  './ui/recreateReview': 'review',
  './ui/runs': 'runs',
  './ui/tree/tooltips': 'tooltips',
  './ui/updates': 'updates',
  './engine/copies': 'copies',
  './engine/pull': 'pull',
};
const FILES = [...STAGE_NAMES, ...LIBRARIES, ...Object.values(PARTS)];

/** Sends `import()` of these to their files, which lie beside those that import them. */
const loadedLater = {
  name: 'loaded-later',
  setup(build) {
    const names = new Map([
      ...LIBRARIES.map((name) => [name, name]),
      ...Object.entries(PARTS).map(([path, name]) => [join(root, 'src', path), name]),
    ]);
    build.onResolve({ filter: /.*/ }, ({ path, kind, resolveDir }) => {
      const name = names.get(path.startsWith('.') ? join(resolveDir, path) : path);
      return kind === 'dynamic-import' && name !== undefined
        ? { path: `./${name}.js`, external: true }
        : undefined;
    });
  },
};

const production = process.argv.includes('--production');
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // jsonc-parser's main is UMD, which breaks when bundled; its ES module does not.
  mainFields: ['module', 'main'],
  minify: true,
  // Node has this built in; the npm copy is for browsers and old Nodes.
  alias: { 'readable-stream': 'node:stream' },
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
const lib = join(dist, 'lib');
const own = {
  ...common,
  external: ['vscode'],
  plugins: [loadedLater],
  // As `require`: for `import()` Node first looks through the whole file for what it exports.
  supported: { 'dynamic-import': false },
};
const metafiles = await buildStages(esbuild, root, lib, own);
for (const build of [
  { ...common, entryPoints: LIBRARIES, outdir: lib, plugins: [unusedParts, ownHttp] },
  {
    ...own,
    entryPoints: Object.fromEntries(Object.entries(PARTS).map(([path, name]) => [name, `src/${path}.ts`])),
    outdir: lib,
  },
]) {
  metafiles.push((await esbuild.build(build)).metafile);
}
writeFileSync(join(dist, 'extension.js'), LOADER);
const inputs = new Set(metafiles.flatMap((metafile) => Object.keys(metafile.inputs)));
if (process.argv.includes('--analyze')) {
  for (const metafile of metafiles) console.log(await esbuild.analyzeMetafile(metafile));
}

copyCli();
writeNotices(inputs);
emitTypes();
for (const file of ['extension.js', ...FILES.map((name) => `lib/${name}.js`)]) {
  console.log(`dist/${file} ${Math.round(statSync(join(dist, file)).size / 1000)} kB`);
}

/** The CLI is one file; it finds its Dockerfile for user ids two folders up. */
function copyCli() {
  const from = join(root, 'node_modules/@devcontainers/cli');
  const to = join(dist, 'devcontainers-cli');
  for (const file of [
    'dist/spec-node/devContainersSpecCLI.js',
    'scripts/updateUID.Dockerfile',
    'LICENSE.txt',
    'ThirdPartyNotices.txt',
    'package.json',
  ]) {
    mkdirSync(join(to, file, '..'), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
}

/** The licences of the packages that are really in the bundles; the CLI brings its own. */
function writeNotices(files) {
  const packages = new Set(
    [...files].map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean),
  );
  const notices = [...packages].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), notices.join(`\n${'-'.repeat(78)}\n\n`));
}

function emitTypes() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const done = spawnSync(
    process.execPath,
    [
      tsc,
      '--declaration',
      '--emitDeclarationOnly',
      '--skipLibCheck',
      '--ignoreConfig',
      '--target',
      'es2022',
      '--outDir',
      dist,
      'src/api.ts',
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (done.status !== 0) process.exit(done.status ?? 1);
}
