import { main, npm, tool } from './run.mjs';
import { setUp } from './setup.mjs';

/** `npm run bench` measures every figure on real parts; the table is for people, bench/results.json for programs.
 * `npm run bench -- --full` adds those that take some ten minutes more. */
main(async () => {
  await setUp(['engine', 'compiler', 'browser']);
  await npm(['run', '--silent', 'build']);
  return tool('tsx/dist/cli.mjs', ['bench/run.ts', ...process.argv.slice(2)]);
});
