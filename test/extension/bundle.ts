import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { checkout } from '../support/sample';

const source = join(checkout, 'test/extension');
const target = join(checkout, 'out/test/extension');

/** Bundles the suite for the extension host, and gives the module VS Code is to load. */
export async function bundleSuite(): Promise<string> {
  if (!existsSync(join(checkout, 'dist/extension.js'))) {
    throw new Error('dist/extension.js is missing: run `npm run build` first');
  }
  const tests = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  await rm(target, { recursive: true, force: true });
  await build({
    entryPoints: ['index.ts', ...tests].map((name) => ({
      in: join(source, name),
      out: name.replace(/\.ts$/, '').replaceAll('/', '.'),
    })),
    outdir: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  return join(target, 'index.js');
}
