import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { installPrograms } from './programs.mjs';
import { main, npm, root } from './run.mjs';

/** Makes the npm packages and these parts of the testbed ready; needs nothing but Node and npm to begin with. */
export async function setUp(parts = []) {
  requireNode(20);
  if (!packagesAreCurrent()) {
    await npm(['ci', '--include=dev', '--ignore-scripts', '--no-fund', '--no-audit']);
  }
  await installPrograms(parts);
}

function requireNode(major) {
  if (Number(process.versions.node.split('.')[0]) < major) {
    throw new Error(`Node ${major} or newer is needed; this is ${process.version}`);
  }
}

/** npm keeps a copy of the lock file of what it installed, written last: times say less than what is in it. */
function packagesAreCurrent() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
  } catch {
    return {};
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  main(() => setUp(argv.slice(2)));
}
