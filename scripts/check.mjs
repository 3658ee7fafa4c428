import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { main, root, tool } from './run.mjs';
import { setUp } from './setup.mjs';

/** All that can be said about the code without running it: every check runs, whatever the others say. */
const checks = {
  types: () => tool('typescript/bin/tsc', ['-p', '.']),
  lint: () => tool('eslint/bin/eslint.js', ['.', '--max-warnings=0']),
  format: () => tool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  dependencies: () => checkDependencies(),
  'dead code': () => tool('knip/bin/knip.js', []),
};

main(async () => {
  await setUp();
  const failed = [];
  for (const [name, check] of Object.entries(checks)) {
    const code = await check();
    console.log(`${name}: ${code === 0 ? 'fine' : 'NOT FINE'}`);
    if (code !== 0) {
      failed.push(name);
    }
  }
  return failed.length > 0 ? 1 : 0;
});

/** With a TypeScript it doesn't know, dependency-cruiser sees no module at all and is content: so count them. */
function checkDependencies() {
  const script = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [script, 'src', 'test', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (stderr.trim() !== '') {
    console.error(stderr);
  }
  const { totalCruised, violations } = JSON.parse(stdout).summary;
  for (const { rule, from, to } of violations) {
    console.log(`${rule.name}: ${from} -> ${to}`);
  }
  console.log(`${totalCruised} modules cruised`);
  return violations.length > 0 || totalCruised <= 20 ? 1 : 0;
}
