import { expect, it } from 'vitest';
import { runToEnd } from '../support/processes';

it('tells in the README what bench/results.json says', async () => {
  const { code, stderr } = await runToEnd(process.execPath, ['scripts/performance.mjs', '--check']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
