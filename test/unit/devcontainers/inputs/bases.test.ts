import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerfileBases } from '../../../../src/devcontainers/inputs/dockerfileBases';
import { InputFolder } from '../../../support/inputFolder';

/** `image@line`, with `!` where the image that is built begins with it. */
const bases = (text: string, args: Record<string, string> = {}, target?: string): string[] =>
  dockerfileBases(text, args, target).map(
    ({ reference, line, stage, isBegunWith }) =>
      `${isBegunWith ? '!' : ''}${stage === undefined ? '' : `${stage}: `}${reference}@${line}`,
  );

describe('the base images of a Dockerfile', () => {
  test.each([
    ['one', 'FROM debian:12', ['!debian:12@1']],
    ['with a platform and a name', 'FROM --platform=$BUILDPLATFORM debian:12 AS Dev', ['!dev: debian:12@1']],
    ['with a digest', `FROM debian@sha256:${'a'.repeat(64)}`, [`!debian@sha256:${'a'.repeat(64)}@1`]],
    ['none', 'FROM scratch', []],
    ['of an earlier stage', 'FROM a AS one\nFROM one', ['!one: a@1']],
    ['of a chain of stages', 'FROM a AS one\nFROM one AS two\nFROM two', ['!one: a@1']],
    ['of a stage that lends files', 'FROM a AS one\nFROM b\nCOPY --from=one x x', ['one: a@1', '!b@2']],
    ['of a stage by its number', 'FROM a\nFROM b\nCOPY --from=0 x x', ['a@1', '!b@2']],
    ['of a stage that nobody needs', 'FROM a AS one\nFROM b', ['!b@2']],
    ['that lends files', 'FROM a\nCOPY --from=tools:1 x x', ['!a@1', 'tools:1@2']],
    ['that is mounted', 'FROM a\nRUN --mount=type=bind,from=tools:1,target=/x make', ['!a@1', 'tools:1@2']],
    ['named twice', 'FROM a AS one\nFROM a\nCOPY --from=one x x', ['!a@2']],
    ['a comment and a continued line', '# FROM x\nFROM \\\n  a', ['!a@2']],
  ])('%s', (_, text, expected) => {
    expect(bases(text)).toEqual(expected);
  });

  test.each([
    ['a default', 'ARG V=12\nFROM debian:$V', {}, ['!debian:12@2']],
    ['what the build gives', 'ARG V=12\nFROM debian:${V}', { V: '13' }, ['!debian:13@2']],
    ['a whole name', 'ARG BASE\nFROM ${BASE:-alpine}', { BASE: 'debian' }, ['!debian@2']],
    ['a stage by variable', 'ARG S=one\nFROM a AS one\nFROM b AS two\nFROM $S', {}, ['!one: a@2']],
    ['what nobody here knows', 'ARG V\nFROM debian:$V', {}, []],
    ['a platform that only the builder knows', 'FROM debian-$TARGETARCH', {}, []],
  ])('with %s', (_, text, args, expected) => {
    expect(bases(text, args)).toEqual(expected);
  });

  test('are those of the target', () => {
    const text = 'FROM a AS one\nFROM b AS two\nCOPY --from=one x x\nFROM c AS three';
    expect(bases(text, {}, 'two')).toEqual(['one: a@1', '!two: b@2']);
    expect(bases(text, {}, 'ONE')).toEqual(['!one: a@1']);
    expect(bases(text)).toEqual(['!three: c@4']);
  });
});

describe('the base images of a configuration', () => {
  let folder: InputFolder;
  beforeEach(async () => {
    folder = await InputFolder.make();
  });
  afterEach(() => folder.remove());
  const read = async (config: Record<string, unknown>) =>
    ((await folder.read(config)).bases ?? []).map(({ file, ...base }) => {
      expect(file).toBe(folder.path(base.input));
      return base;
    });
  const configFile = '.devcontainer/devcontainer.json';

  test('without a build are its image', async () => {
    folder.env = { VERSION: '12' };
    expect(await read({ image: 'debian:${localEnv:VERSION}' })).toEqual([
      { reference: 'debian:12', input: configFile, isBegunWith: true },
    ]);
    expect(await read({ image: 7 })).toEqual([]);
  });

  test('with a build are those of its Dockerfile and its arguments', async () => {
    await folder.write({
      '.devcontainer/Dockerfile': 'ARG V=1\nFROM a AS x\nFROM b:$V AS y\nCOPY --from=x q q\n',
    });
    const build = { dockerfile: 'Dockerfile', args: { V: '2' } };
    expect(await read({ image: 'left', build })).toEqual([
      { reference: 'a', input: '.devcontainer/Dockerfile', line: 2, stage: 'x', isBegunWith: false },
      { reference: 'b:2', input: '.devcontainer/Dockerfile', line: 3, stage: 'y', isBegunWith: true },
    ]);
    expect(await read({ build: { ...build, target: 'x' } })).toMatchObject([{ reference: 'a' }]);
  });

  test('of Compose are those of its services, built or not, with what they extend', async () => {
    folder.env = { TAG: '16' };
    await folder.write({
      Dockerfile: 'FROM base:1\n',
      'common.yml': 'services:\n  db: { image: "postgres:${TAG:-15}" }\n',
      'compose.yml': `services:
  app: { build: ., image: my-app, depends_on: [db, inline, away] }
  db: { extends: { file: common.yml, service: db } }
  inline:
    build:
      dockerfile_inline: |
        FROM tools:1
  away: { build: "https://github.com/x/y.git", image: away }
  unused: { image: unused }
`,
    });
    const config = { dockerComposeFile: '../compose.yml', service: 'app', runServices: ['app'] };
    const found = await read(config);
    expect(found.toSorted((a, b) => (a.reference < b.reference ? -1 : 1))).toEqual([
      { reference: 'base:1', input: 'Dockerfile', line: 1, isBegunWith: true },
      { reference: 'postgres:16', input: 'common.yml', service: 'db', isBegunWith: true },
      { reference: 'tools:1', input: 'compose.yml', service: 'inline', isBegunWith: true },
    ]);
  });
});
