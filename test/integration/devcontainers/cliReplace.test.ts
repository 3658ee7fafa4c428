import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { CliGround, up } from './cliGround';

const ground = new CliGround();
afterEach(() => ground.clean());

let count = 0;
const asideName = (): string => `aside-${process.pid}-${Date.now()}-${count++}`;

const goodFiles = {
  'devcontainer.json': JSON.stringify({
    build: { dockerfile: 'Dockerfile' },
    initializeCommand: 'echo ran >> init.txt',
  }),
  Dockerfile: `FROM ${baseImage}\nRUN echo one > /version\n`,
};

async function started(id: string): Promise<string> {
  return ground.inspect(id, '{{.State.Running}} {{.State.StartedAt}} {{.Name}}');
}

test('a good build replaces the container; the old one stays aside, whole', async () => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const old = await up(cli, ground.request(project));
  const containerId = old.containerId ?? '';
  await ground.docker('exec', containerId, 'sh', '-c', 'echo mine > /kept');
  await ground.write(project, { Dockerfile: `FROM ${baseImage}\nRUN echo two > /version\n` });
  const setAsideName = asideName();
  const before = Date.now();
  const result = await up(cli, ground.request(project, { replace: { containerId, setAsideName } }));
  expect(result).toMatchObject({ outcome: 'success' });
  expect(result.containerId).not.toBe(containerId);
  expect(await ground.docker('exec', result.containerId ?? '', 'cat', '/version')).toBe('two');
  expect(await ground.inspect(containerId, '{{.Name}} {{.State.Status}}')).toBe(`/${setAsideName} exited`);
  expect(result.replacedAt).toBeGreaterThanOrEqual(before);
  expect(result.replacedAt).toBeLessThanOrEqual(Date.now());
  expect(await readFile(join(project, 'init.txt'), 'utf8')).toBe('ran\nran\n');
  await ground.docker('start', containerId);
  expect(await ground.docker('exec', containerId, 'cat', '/kept')).toBe('mine');
});

test('the old container runs until the new image is there', async () => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  await ground.write(project, { Dockerfile: `FROM ${baseImage}\nRUN echo three > /version\n` });
  const replace = { containerId, setAsideName: asideName() };
  let lastStep = 0;
  const result = await cli.up(
    ground.request(project, { replace }),
    {
      onLine: (line) => {
        if (/^(Step \d|Successfully|#\d+ )/.test(line.text)) lastStep = line.at;
      },
      onProgress: () => undefined,
    },
    new AbortController().signal,
  );
  expect(lastStep).toBeGreaterThan(0);
  expect(result.replacedAt).toBeGreaterThanOrEqual(lastStep);
});

test.each([
  ['a step that fails', `FROM ${baseImage}\nRUN false\n`, /line 2 \(RUN false\), exit code 1/],
  ['an image that cannot be had', 'FROM 127.0.0.1:1/nosuch:1\n', /127\.0\.0\.1:1\/nosuch:1/],
  ['no Dockerfile', undefined, /does not exist/],
])('with %s the old container is left as it is', async (_what, dockerfile, words) => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  const before = await started(containerId);
  if (dockerfile === undefined) {
    await ground.write(project, { 'devcontainer.json': '{ "build": { "dockerfile": "Nosuch" } }' });
  } else await ground.write(project, { Dockerfile: dockerfile });
  const replace = { containerId, setAsideName: asideName() };
  const result = await up(cli, ground.request(project, { replace }));
  expect(result.outcome).toBe('error');
  expect(result.failure?.kind).toBe('build');
  expect(result.message).toMatch(words);
  expect(result.replacedAt).toBeUndefined();
  expect(await started(containerId)).toBe(before);
  expect(await ground.containersOf(project)).toEqual([containerId]);
});

test('an image without a build is looked for before the old container is given up', async () => {
  const project = await ground.project({ 'devcontainer.json': `{ "image": "${baseImage}" }` });
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  const before = await started(containerId);
  await ground.write(project, { 'devcontainer.json': '{ "image": "127.0.0.1:1/nosuch:1" }' });
  const replace = { containerId, setAsideName: asideName() };
  const result = await up(cli, ground.request(project, { replace }));
  expect(result.replacedAt).toBeUndefined();
  expect(await started(containerId)).toBe(before);
});

test('a container that cannot be renamed is started again, and the job fails', async () => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  const setAsideName = asideName();
  await ground.docker('create', '--name', setAsideName, baseImage, 'true');
  try {
    const result = await up(cli, ground.request(project, { replace: { containerId, setAsideName } }));
    expect(result.outcome).toBe('error');
    expect(result.failure?.kind).toBe('run');
    expect(result.replacedAt).toBeUndefined();
    expect(await ground.inspect(containerId, '{{.State.Running}}')).toBe('true');
    expect(await ground.containersOf(project)).toEqual([containerId]);
  } finally {
    await ground.docker('rm', '-f', setAsideName);
  }
});

test('a container that fails to start is told after the old one was set aside', async () => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  const bad = { image: baseImage, mounts: ['type=bind,source=/nosuch/x,target=/x'] };
  await ground.write(project, { 'devcontainer.json': JSON.stringify(bad) });
  const setAsideName = asideName();
  const result = await up(cli, ground.request(project, { replace: { containerId, setAsideName } }));
  expect(result.failure?.kind).toBe('run');
  expect(result.replacedAt).toBeGreaterThan(0);
  expect(await ground.inspect(containerId, '{{.Name}}')).toBe(`/${setAsideName}`);
});

test('a container that is gone by now does not hold the job up', async () => {
  const project = await ground.project(goodFiles);
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  await ground.docker('rm', '-f', containerId);
  const replace = { containerId, setAsideName: asideName() };
  const result = await up(cli, ground.request(project, { replace }));
  expect(result).toMatchObject({ outcome: 'success' });
  expect(result.replacedAt).toBeUndefined();
});

test('an id that is none is refused', async () => {
  const project = await ground.project(goodFiles);
  const replace = { containerId: "x'; touch y", setAsideName: asideName() };
  await expect(up(await ground.cli(), ground.request(project, { replace }))).rejects.toMatchObject({
    code: 'invalidArgument',
  });
});
