/** Makes the VSIX in dist/: a production build, packed with what .vscodeignore leaves in. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './setup.mjs';

const root = join(import.meta.dirname, '..');
await setUp([]);
run('scripts/build.mjs', '--production');

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const vsix = `dist/${name}-${version}.vsix`;
// Without dependencies: they are in the bundle. Without rewriting links: the README's pictures ship with it.
run(
  'node_modules/@vscode/vsce/vsce',
  'package',
  '--no-dependencies',
  '--no-rewrite-relative-links',
  '--out',
  vsix,
);
console.log(`${vsix} ${Math.round(statSync(join(root, vsix)).size / 1000)} kB`);

function run(script, ...args) {
  const done = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
