import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
  await folder.write({ 'scripts/a.sh': 'a' });
});

afterEach(() => folder.remove());

const watching = (watch: unknown) => ({ customizations: { shipshape: { watch } } });

test('an entry that is no glob is named with what is wrong, and the others count', async () => {
  const watch = ['[', '', 5, null, ['x'], '../x', 'y'.repeat(501), 'scripts/*.sh', 'scripts/*.sh'];
  const { readings } = await folder.read(watching(watch));
  const told = readings.flatMap(({ problem }) =>
    problem ? [[problem.property?.at(-1), problem.message]] : [],
  );
  expect(told).toEqual([
    ['0', 'The glob `[` has a `[` that nothing closes.'],
    ['1', 'The glob `` is empty.'],
    ['2', 'Item 3 of `customizations.shipshape.watch` is a value of type number, not a glob.'],
    ['3', 'Item 4 of `customizations.shipshape.watch` is null, not a glob.'],
    ['4', 'Item 5 of `customizations.shipshape.watch` is a list, not a glob.'],
    ['5', 'The glob `../x` must lead to files inside the workspace folder, with forward slashes.'],
    ['6', `The glob \`${'y'.repeat(100)}\` is longer than 500 characters.`],
  ]);
  const found = readings
    .filter(({ kind, problem }) => kind === 'watched' && !problem)
    .map(({ input, values }) => [input, Object.keys(values)]);
  expect(found).toEqual([['scripts/*.sh', ['scripts/a.sh']]]);
});

test('of too many globs the first count', async () => {
  const watch = ['scripts/*', ...Array.from({ length: 32 }, (_, n) => `none-${n}`)];
  expect(await folder.problems('watched', watching(watch))).toEqual([
    '`customizations.shipshape.watch` has 33 globs, of which the first 32 count.',
  ]);
  expect(await folder.problems('watched', watching('scripts/*'))).toEqual([
    '`customizations.shipshape.watch` must be an array of globs.',
  ]);
});
