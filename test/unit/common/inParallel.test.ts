import { expect, test } from 'vitest';
import { inParallel } from '../../../src/common/inParallel';
import { settle } from '../../support/fakeTimers';
import { held } from '../../support/held';

test('the next is begun as soon as one of so many ends', async () => {
  const holds = [held(), held(), held()];
  const begun: number[] = [];
  const work = inParallel([0, 1, 2], 2, (item) => {
    begun.push(item);
    return holds[item]?.promise ?? Promise.resolve();
  });
  expect(begun).toEqual([0, 1]);
  holds[1]?.resolve();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (const hold of holds) hold.resolve();
  await work;
});

test('once one fails, no other is begun', async () => {
  const slow = held();
  const begun: number[] = [];
  const work = inParallel([0, 1, 2, 3], 2, (item) => {
    begun.push(item);
    return item === 0 ? Promise.reject(new Error('on purpose')) : slow.promise;
  });
  await expect(work).rejects.toThrow('on purpose');
  slow.resolve();
  await settle();
  expect(begun).toEqual([0, 1]);
});
