import { join } from 'node:path';
import { main, must, npm, root, tool } from './run.mjs';
import { setUp } from './setup.mjs';

/** `npm run bench` measures every figure on real parts; the table is for people, bench/results.json for programs, and
 * the README tells users the most important ones.
 * `npm run bench -- --full` adds those that take some ten minutes more; `npm run bench -- inventory workbench` measures
 * these groups alone. */
main(async () => {
  await setUp(['engine', 'compiler', 'browser']);
  await npm(['run', '--silent', 'build']);
  const code = await tool('tsx/dist/cli.mjs', ['bench/run.ts', ...process.argv.slice(2)]);
  await must(process.execPath, [join(root, 'scripts/performance.mjs')]);
  return code;
});
