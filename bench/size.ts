import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { figure, type Figure } from './figures';

/** What is loaded at activation, and what is downloaded; both from a production build. */
export function sizes(root: string): Figure[] {
  const packaged = spawnSync(process.execPath, [join(root, 'scripts/package.mjs')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (packaged.status !== 0) throw new Error(`npm run package failed: ${packaged.stderr}`);
  const dist = join(root, 'dist');
  const vsix = readdirSync(dist).find((name) => name.endsWith('.vsix')) ?? '';
  const kB = (file: string): number => statSync(join(dist, file)).size / 1000;
  const loader = readFileSync(join(dist, 'extension.js'), 'utf8');
  const activated = [
    'extension.js',
    ...[...loader.matchAll(/require\('\.\/([^']+)'\)/g)].map(([, file = '']) => file),
  ];
  return [
    figure({
      name: 'code loaded at activation',
      value: activated.reduce((sum, file) => sum + kB(file), 0),
      unit: 'kB',
      n: 1,
      bound: 200,
      boundOf: 'value',
    }),
    figure({ name: 'VSIX', value: kB(vsix), unit: 'kB', n: 1, bound: 1500, boundOf: 'value' }),
  ];
}
