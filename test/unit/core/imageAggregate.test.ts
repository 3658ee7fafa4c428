import { describe, expect, test } from 'vitest';
import type { ImageStatus } from '../../../src/api';
import { aggregateStatus, groupStatus } from '../../../src/core/imageAggregate';

describe('one status for several', () => {
  test.each<[ImageStatus[], ImageStatus | undefined]>([
    [[], undefined],
    [['skipped', 'skipped'], 'skipped'],
    [['preparing', 'preparing'], 'preparing'],
    [['skipped', 'preparing'], 'updated'],
    [['updated', 'error', 'processing', 'outdated'], 'outdated'],
    [['updated', 'error', 'processing'], 'processing'],
    [['updated', 'error', 'skipped'], 'error'],
    [['updated', 'skipped'], 'updated'],
    [['outdated'], 'outdated'],
  ])('of %j is %s', (statuses, status) => {
    expect(aggregateStatus(statuses)).toBe(status);
    expect(aggregateStatus(statuses.toReversed())).toBe(status);
  });

  test.each<[[string, ImageStatus][], ImageStatus | undefined]>([
    [[], undefined],
    [[['running', 'updated'], ['exited', 'outdated']], 'updated'],
    [[['running', 'outdated'], ['created', 'updated']], 'preparing'],
    [[['running', 'outdated'], ['configured', 'updated']], 'preparing'],
    [[['exited', 'outdated'], ['dead', 'error']], 'preparing'],
    [[['paused', 'outdated'], ['running', 'error']], 'outdated'],
  ])('of the containers %j is %s', (containers, status) =>
    expect(groupStatus(containers.map(([state, each]) => ({ state, status: each })))).toBe(status),
  ); // prettier-ignore
});
