import { describe, expect, test } from 'vitest';
import type { BaseImage } from '../../../src/core/imagePorts';
import { imageNews, imageSentences, imageWord } from '../../../src/core/imageWords';
import { A, B, C, imageGround, sha } from '../../support/imageGround';

const DEBIAN: BaseImage = {
  reference: 'debian:12',
  input: '.devcontainer/Dockerfile',
  file: '/work/.devcontainer/Dockerfile',
  line: 2,
  stage: 'dev',
  isBegunWith: true,
};
const TOOLS: BaseImage = {
  reference: 'ghcr.io/org/tools:1',
  input: '.devcontainer/Dockerfile',
  file: '/work/.devcontainer/Dockerfile',
  line: 5,
  isBegunWith: false,
};

/** A container whose image the CLI built from `debian:12`, which is on the engine, as `tools:1` is. */
async function ground() {
  const known = await imageGround();
  const { engine, add, registry } = known;
  add('8', 'debian:12', { layers: ['a', 'b'] });
  add('9', 'ghcr.io/org/tools:1', { layers: ['t'] });
  engine.images.set('debian:12', sha('8'));
  engine.images.set('ghcr.io/org/tools:1', sha('9'));
  const built = add('1', 'vsc-app-1f2e', { digests: [], layers: ['a', 'b', 'c'] });
  const check = (images: readonly BaseImage[], isChanged = false) =>
    known.one(built, true, { images, isChanged });
  const renew = (name: string, to = B): void => {
    registry.digests.set(name, to);
    registry.platforms.set(to, { manifest: to, config: sha('0') });
  };
  return { ...known, check, renew, built };
}

describe('the status of a container whose image was built here', () => {
  test('is that of the image it was built on, with the place that names it', async () => {
    const { check, renew, registry, timers } = await ground();
    expect(await check([DEBIAN])).toEqual({
      reference: 'debian:12',
      status: 'updated',
      reason: 'the same as in its registry (debian:12 in .devcontainer/Dockerfile, line 2, stage dev)',
      localDigest: A,
      remoteDigest: A,
      file: DEBIAN.file,
      line: 2,
      checkedAt: timers.now(),
    });
    await timers.pass(10_000);
    renew('docker.io/library/debian:12');
    const outdated = await check([DEBIAN]);
    expect(outdated).toMatchObject({ status: 'outdated', localDigest: A, remoteDigest: B });
    expect(outdated && imageSentences(outdated, timers.now())).toBe(
      'Base image outdated: docker.io has a newer image (debian:12 in .devcontainer/Dockerfile, line 2, stage dev). Checked just now.',
    );
    expect(imageNews(outdated)).toBe('base image outdated');
    expect(registry.heads).toEqual(['docker.io/library/debian:12', 'docker.io/library/debian:12']);
  });

  test('is outdated where the name means an image by now on which it was not built, and nobody else is asked', async () => {
    const { check, add, engine, registry } = await ground();
    add('7', 'debian:12', { digests: [`debian@${C}`], layers: ['a', 'x'] });
    engine.images.set('debian:12', sha('7'));
    const found = await check([DEBIAN]);
    expect(found).toMatchObject({
      status: 'outdated',
      reason:
        'debian:12 is another image on this engine by now (debian:12 in .devcontainer/Dockerfile, line 2, stage dev)',
    });
    expect(found?.localDigest).toBeUndefined();
    expect(registry.heads).toEqual([]);
  });

  test('is outdated where the name means an image by now that differs in its settings alone', async () => {
    const { check, engine } = await ground();
    engine.histories.set(sha('8'), ['1 add', '2 ENV LEVEL=two']);
    engine.histories.set(sha('1'), ['1 add', '2 ENV LEVEL=one', '3 RUN make']);
    expect(await check([DEBIAN])).toMatchObject({ status: 'outdated' });
  });

  test('is not outdated for a base that it is to be built on yet', async () => {
    const { check, add, engine } = await ground();
    add('7', 'debian:12', { layers: ['a', 'x'] });
    engine.images.set('debian:12', sha('7'));
    const found = await check([DEBIAN], true);
    expect(found?.status).toBe('skipped');
    expect(found && imageWord(found)).toBe('not built on it yet');
  });

  test('counts images that only lend files, of which layers tell nothing', async () => {
    const { check, renew } = await ground();
    renew('ghcr.io/org/tools:1');
    expect(await check([DEBIAN, TOOLS])).toMatchObject({
      status: 'outdated',
      reference: 'ghcr.io/org/tools:1',
      reason: 'ghcr.io has a newer image (ghcr.io/org/tools:1 in .devcontainer/Dockerfile, line 5)',
    });
  });

  test('tells of several that stand alike', async () => {
    const { check, renew } = await ground();
    renew('docker.io/library/debian:12');
    renew('ghcr.io/org/tools:1', C);
    expect((await check([DEBIAN, TOOLS]))?.reason).toMatch(/^docker\.io has a newer image .* and 1 more$/);
  });

  test.each([
    ['pinned to a digest', { reference: `debian@${A}` }],
    ['no name of an image', { reference: 'No Name' }],
    ['not on this engine any more', { reference: 'gone:1' }],
  ])('is skipped, %s', async (word, more) => {
    const { check, registry } = await ground();
    const found = await check([{ ...DEBIAN, ...more }]);
    expect(found?.status).toBe('skipped');
    expect(found && imageWord(found)).toBe(word);
    expect(registry.heads).toEqual([]);
  });

  test('is skipped for a base that was built here too', async () => {
    const { check, add, engine, registry } = await ground();
    add('7', 'mine:1', { digests: [], layers: ['a'] });
    engine.images.set('mine:1', sha('7'));
    const found = await check([{ ...DEBIAN, reference: 'mine:1' }]);
    expect(found && imageWord(found)).toBe('built locally');
    expect(registry.heads).toEqual([]);
  });

  test('is an error where the registry cannot be asked, which is asked again', async () => {
    const { check, registry } = await ground();
    registry.failure = new Error('docker.io cannot be reached');
    expect(await check([DEBIAN])).toMatchObject({ status: 'error', localDigest: A });
    registry.failure = undefined;
    expect(await check([DEBIAN])).toMatchObject({ status: 'updated' });
  });

  test('is its own where it was pulled', async () => {
    const { one, add, registry } = await ground();
    const pulled = add('6', 'ghcr.io/org/app:1');
    const found = await one(pulled, true, { images: [DEBIAN], isChanged: false });
    expect(found).toMatchObject({ reference: 'ghcr.io/org/app:1', status: 'updated' });
    expect(registry.heads).toEqual(['ghcr.io/org/app:1']);
  });
});

test('a base of many dev containers is asked for once', async () => {
  const { run, add, registry, engine } = await ground();
  const many = ['2', '3', '4'].map((digit) =>
    add(digit, `vsc-app-${digit}`, { digests: [], layers: ['a', 'b', digit] }),
  );
  const asked = engine.calls.length;
  const found = await run(many, true, { images: [DEBIAN], isChanged: false });
  expect(found.map(({ status }) => status)).toEqual(['updated', 'updated', 'updated']);
  expect(registry.heads).toEqual(['docker.io/library/debian:12']);
  expect(engine.calls.slice(asked).filter((each) => each.includes('debian:12'))).toHaveLength(1);
});

test('a base that means another image by now is seen after the engine told of it', async () => {
  const { check, add, engine, timers } = await ground();
  expect(await check([DEBIAN])).toMatchObject({ status: 'updated' });
  add('7', 'debian:12', { layers: ['x'] });
  engine.moveTag('debian:12', sha('7'));
  await timers.pass(10_000);
  expect(await check([DEBIAN])).toMatchObject({ status: 'outdated' });
});
