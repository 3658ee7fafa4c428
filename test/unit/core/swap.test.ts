import { describe, expect, test } from 'vitest';
import type { ContainerFacts } from '../../../src/core/ports';
import { lookAfter, setAsideNameFor } from '../../../src/core/swap';
import { container, FakeEngine } from '../../support/fakeEngine';

test.each([
  ['ca', 'ca_before_aaaaaaaa'],
  ['weird name/ü', 'weird-name--_before_aaaaaaaa'],
  ['x'.repeat(500), `${'x'.repeat(120)}_before_aaaaaaaa`],
])('a container called %s is set aside as %s', (name, aside) => {
  expect(setAsideNameFor(container('a', { name }))).toBe(aside);
});

describe('what there is after a job on a container that plain Compose made', () => {
  const labels = { 'com.docker.compose.project': 'w', 'com.docker.compose.service': 'app' };
  const old = container('a', { labels, createdAt: 1000 });
  const adopted = { id: old.id, project: 'w', service: 'app', since: 2000 };
  const after = (...containers: ContainerFacts[]) => {
    const engine = new FakeEngine();
    for (const facts of containers) engine.containers.set(facts.id, facts);
    return lookAfter(engine, 'key', new Set([old.id]), undefined, adopted);
  };

  test('is the container itself', async () => {
    expect(await after(old)).toMatchObject({ there: { id: old.id }, made: [] });
  });

  test('is what came in its place by the same labels, and no older one of a service that was scaled', async () => {
    const [scaled, came, db] = [
      container('b', { labels, createdAt: 2000 }),
      container('c', { labels, createdAt: 3000 }),
      container('d', { labels: { ...labels, 'com.docker.compose.service': 'db' }, createdAt: 3000 }),
    ];
    const { made } = await after(scaled, came, db);
    expect(made.map(({ id }) => id)).toEqual([came.id]);
  });
});
