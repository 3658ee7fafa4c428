import { describe, expect, test } from 'vitest';
import type { Container, DevContainer, ImageCheck, ImageStatus } from '../../../src/api';
import { rowsStatus } from '../../../src/core/imageAggregate';
import {
  digestWords,
  imageSentences,
  imageWord,
  summaryWords,
  windowWords,
} from '../../../src/core/imageWords';
import { inOrder, itemsOf, layoutContainers, layoutDevContainers } from '../../../src/core/order';
import { toContainer } from '../../../src/core/snapshot';
import { containerWords, description, spoken } from '../../../src/core/words';
import { fakeCore } from '../../support/fakeCore';
import { container, devContainer } from '../../support/fakeEngine';
import { sha } from '../../support/imageGround';

const FILE = '/w/.devcontainer/devcontainer.json';
const MINUTE_MS = 60_000;
const check = (status: ImageStatus, reason?: string): ImageCheck => ({
  reference: 'app:1',
  status,
  ...(reason === undefined ? {} : { reason }),
});
const api: DevContainer = {
  ...{ key: 'api', engine: 'e', name: 'api', workspaceFolder: '/w', state: 'running', activity: 'idle' },
  ...{ dirty: false, changes: [] },
};
const gull = (more: Partial<Container> = {}): Container => ({
  ...toContainer('e', container('1', { name: 'gull', image: 'app:1' })),
  ...more,
});

describe('the words for an image', () => {
  test.each<[ImageCheck, string, string, string]>([
    [check('outdated', 'ghcr.io has a newer image'), 'outdated', 'image outdated', 'image outdated'],
    [check('updated', 'the same as in its registry'), 'up to date', '', 'image up to date'],
    [check('skipped', 'built locally'), 'built locally', '', 'image built locally'],
    [check('skipped', 'not looked at: it hangs'), 'not looked at', '', 'image not looked at'],
    [check('preparing'), 'preparing', '', 'image preparing'],
    [check('processing'), 'checking', 'image checking', 'image checking'],
    [check('error', 'ghcr.io: 503'), 'check failed', 'image check failed', 'image check failed'],
  ])('%j', (image, word, news, heard) => {
    expect(imageWord(image)).toBe(word);
    const words = news === '' ? `app:1, ${word}` : `${word}, app:1`;
    expect(containerWords(gull({ check: image }))).toBe(words);
    expect(description({ ...api, image })).toBe(news);
    expect(spoken({ ...api, image })).toBe(`api, running, ${heard}`);
  });

  test('say the reason and the age, and which digests differ', () => {
    const at = Date.now();
    const old = { ...check('outdated', 'ghcr.io has a newer image.'), checkedAt: at - 2 * MINUTE_MS };
    expect(imageSentences(old, at)).toBe('Image outdated: ghcr.io has a newer image. Checked 2 min ago.');
    expect(imageSentences(check('processing'), at)).toBe('Image checking.');
    const both = { ...old, localDigest: sha('a'), remoteDigest: sha('b') };
    expect(digestWords(both)).toBe('Image here: sha256:aaaaaaaaaaaa, in its registry: sha256:bbbbbbbbbbbb');
    expect(digestWords({ ...both, status: 'updated' })).toBe('');
  });

  test('leave room beside a digest', () => {
    const pinned = gull({ image: `app:1@${sha('a')}`, check: check('skipped', 'pinned to a digest') });
    expect(containerWords(pinned)).toBe('app:1@sha256:aaaaaaaaaaaa…, pinned to a digest');
  });

  test('come after what matters more', () => {
    const image = check('outdated');
    expect(description({ ...api, image, job: { phase: 'building', startedAt: 0 } })).toBe('building');
    expect(description({ ...api, image, state: 'stopped' })).toBe('stopped · image outdated');
  });

  test('sum up what was found', () => {
    const of = (...all: ImageStatus[]) => summaryWords(all.map((status) => check(status)));
    expect(of('updated', 'error', 'outdated', 'updated')).toBe(
      'Images: 1 outdated, 1 check failed, 2 up to date',
    );
    expect(of()).toBe('There is no image to check.');
  });
});

describe('rows of outdated images', () => {
  test('are found by a filter, and stand after what is dirty', () => {
    const snapshot = {
      engines: [],
      devContainers: [api, { ...api, key: 'web', name: 'web', image: check('outdated') }],
      containers: [
        gull(),
        gull({ key: 'heron', name: 'heron', check: check('skipped', 'pinned to a digest') }),
      ],
    };
    const options = { group: 'none', sort: 'attention', folders: [] } as const;
    const dirty = { ...api, key: 'z', name: 'z', dirty: true };
    expect(inOrder([...snapshot.devContainers, dirty]).map(({ name }) => name)).toEqual(['z', 'web', 'api']);
    const dev = layoutDevContainers(snapshot, { ...options, filter: 'outdated' });
    expect(itemsOf(dev).map(({ name }) => name)).toEqual(['web']);
    const others = layoutContainers(snapshot, { ...options, filter: 'pinned', sort: 'name' });
    expect(itemsOf(others).map(({ name }) => name)).toEqual(['heron']);
  });

  test('make one status of those that were checked, of a project by its own rules', () => {
    const created = gull({ state: 'created', check: check('preparing') });
    const updated = gull({ check: check('updated') });
    expect(rowsStatus([gull(), updated], false)).toBe('updated');
    expect(rowsStatus([gull()], true)).toBeUndefined();
    expect(rowsStatus([created, updated], true)).toBe('preparing');
    expect(rowsStatus([created, updated], false)).toBe('updated');
    expect(rowsStatus([{ ...api, image: check('error') }, api], false)).toBe('error');
  });
});

describe('the snapshot', () => {
  test('has each check with the container and the dev container, and tells of those that changed', async () => {
    const core = fakeCore();
    const [dev, other] = [devContainer('a', '/w', FILE, { image: 'app:1' }), container('b')];
    for (const facts of [dev, other]) core.engine.containers.set(facts.id, facts);
    core.disk.put(FILE, { image: 'app:1' });
    const before = await core.start();
    expect(before.devContainers[0]).not.toHaveProperty('image');
    const told: string[] = [];
    core.inventory.onDidChange(({ keys }) => told.push(...keys));
    core.statuses.show('fake', dev, check('outdated'));
    await core.timers.pass(200);
    const { devContainers, containers } = core.inventory.snapshot;
    expect(devContainers[0]?.image).toEqual(check('outdated'));
    expect(containers.map((each) => each.check?.status)).toEqual(['outdated', undefined]);
    expect(containers[1]).toBe(before.containers[1]);
    expect(told.sort()).toEqual([devContainers[0]?.key, containers[0]?.key].sort());
  });
});

test('all rows of a view say together what the first of them to need somebody says', () => {
  const of = (...statuses: ImageStatus[]) => windowWords([undefined, ...statuses.map((each) => check(each))]);
  expect(of()).toBe('');
  expect(of('updated', 'skipped')).toBe('images up to date');
  expect(of('updated', 'outdated', 'processing')).toBe('1 image outdated');
  expect(of('outdated', 'outdated', 'error')).toBe('2 images outdated');
  expect(of('updated', 'error')).toBe('image check failed');
  expect(of('skipped')).toBe('images not compared');
});
