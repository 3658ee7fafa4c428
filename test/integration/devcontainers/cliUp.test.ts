import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { CliGround, up } from './cliGround';

const ground = new CliGround();
afterEach(() => ground.clean());

test('up creates the container from nothing and tells what it does', async () => {
  const config = { build: { dockerfile: 'Dockerfile' }, postCreateCommand: 'echo hooked' };
  const project = await ground.project({
    'devcontainer.json': JSON.stringify(config),
    Dockerfile: `FROM ${baseImage}\nRUN echo one > /one\n`,
  });
  const result = await up(await ground.cli(), ground.request(project));
  expect(result).toMatchObject({ outcome: 'success' });
  expect(result.failure).toBeUndefined();
  expect(result.replacedAt).toBeUndefined();
  expect(await ground.containersOf(project)).toEqual([result.containerId]);
  const kinds = result.heard.progress.map((progress) => progress.kind);
  expect(kinds).toContain('build');
  expect(kinds.indexOf('create')).toBeGreaterThan(kinds.indexOf('build'));
  expect(result.heard.progress).toContainEqual({
    kind: 'hook',
    name: 'postCreateCommand',
    status: 'succeeded',
  });
  expect(result.heard.lines.map((line) => line.text)).toContain('hooked');
  expect((await stat(result.logFile)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(result.logFile))).mode & 0o777).toBe(0o700);
});

test('a folder with a hostile name is taken as it is', async () => {
  const name = `-rf 'a' $(touch x);' ü`;
  const config = { image: baseImage, initializeCommand: 'echo hello > made-here' };
  const project = await ground.project({ 'devcontainer.json': JSON.stringify(config) }, name);
  const cli = await ground.cli();
  const first = await up(cli, ground.request(project));
  expect(first.message).toBeUndefined();
  expect(first.outcome).toBe('success');
  expect(await readFile(join(project, 'made-here'), 'utf8')).toBe('hello\n');
  expect(await ground.containersOf(project)).toEqual([first.containerId]);
  const replace = { containerId: first.containerId ?? '', setAsideName: `aside-${Date.now()}` };
  const second = await up(cli, ground.request(project, { replace }));
  expect(second.outcome).toBe('success');
  expect(second.containerId).not.toBe(first.containerId);
});

test('a folder that docker cannot mount is told with the reason', async () => {
  const project = await ground.project({ 'devcontainer.json': `{ "image": "${baseImage}" }` }, 'a "b" c');
  const result = await up(await ground.cli(), ground.request(project));
  expect(result.failure?.kind).toBe('run');
  expect(result.message).toMatch(
    /^The container could not be started: invalid argument .* for "--mount" flag/,
  );
});

test("the editor's variables reach neither the CLI's children nor initializeCommand", async () => {
  const config = { image: baseImage, initializeCommand: 'env > env.txt' };
  const project = await ground.project({ 'devcontainer.json': JSON.stringify(config) });
  const inside = join(project, 'node_modules/.bin');
  const env = {
    ...process.env,
    PATH: `.:${inside}:${process.env['PATH'] ?? ''}`,
    VSCODE_PID: '1',
    ELECTRON_NO_ASAR: '1',
    NODE_OPTIONS: '--no-warnings',
    DOCKER_CONTEXT: 'elsewhere',
    DOCKER_HOST: 'unix:///nowhere.sock',
  };
  const result = await up(await ground.cli({ env }), ground.request(project));
  expect(result).toMatchObject({ outcome: 'success' });
  const seen = await readFile(join(project, 'env.txt'), 'utf8');
  expect(seen).not.toMatch(/^(ELECTRON|VSCODE|NODE_OPTIONS|DOCKER_CONTEXT)/m);
  expect(seen).toContain(`DOCKER_HOST=${ground.dockerHost}\n`);
  const searchPath = /^PATH=(.*)$/m.exec(seen)?.[1]?.split(':') ?? [];
  expect(searchPath).toContain('/usr/bin');
  expect(searchPath).not.toContain('.');
  expect(searchPath).not.toContain(inside);
});

test('secrets and the values of variables show in no line', async () => {
  const config = {
    build: { dockerfile: 'Dockerfile', args: { KEY: 'canary-arg' } },
    containerEnv: { TOKEN: 'canary-container with spaces' },
    remoteEnv: { REMOTE: 'canary-remote' },
    postCreateCommand: 'echo the secret is $PASSWORD',
  };
  const project = await ground.project({
    'devcontainer.json': JSON.stringify(config),
    Dockerfile: `FROM ${baseImage}\nARG KEY\nRUN test -n "$KEY"\n`,
  });
  const secretsFile = join(await ground.folder(), 'secrets.json');
  await writeFile(secretsFile, JSON.stringify({ PASSWORD: 'canary-secret' }), { mode: 0o600 });
  const result = await up(await ground.cli(), ground.request(project, { secretsFile }));
  expect(result).toMatchObject({ outcome: 'success' });
  const shown = result.heard.lines.map((line) => line.text);
  expect(shown).toContain('the secret is ********');
  expect(shown.filter((text) => text.includes('canary'))).toEqual([]);
});

test.each([
  {
    what: 'a step that fails',
    files: {
      'devcontainer.json': '{ "build": { "dockerfile": "Dockerfile", "args": { "A": "canary" } } }',
      Dockerfile: `FROM ${baseImage}\nARG A\nRUN true\n# why\nRUN echo out && \\\n  false\n`,
    },
    failure: {
      kind: 'build',
      message: 'The build failed at Dockerfile line 5 (RUN echo out && false), exit code 1.',
      line: 5,
    },
    file: 'Dockerfile',
  },
  {
    what: 'a missing file to copy',
    files: {
      'devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
      Dockerfile: `FROM ${baseImage}\nCOPY nosuch /x\n`,
    },
    failure: { kind: 'build', line: 2 },
    file: 'Dockerfile',
    words: /^The build failed at Dockerfile line 2 \(COPY nosuch \/x\): .*nosuch/,
  },
  {
    what: 'an unknown instruction',
    files: {
      'devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
      Dockerfile: `FROM ${baseImage}\n\nRUNN true\n`,
    },
    failure: { kind: 'build', line: 3 },
    file: 'Dockerfile',
    words: /unknown instruction: RUNN/,
  },
  {
    what: 'a missing Dockerfile',
    files: { 'devcontainer.json': '{\n  "build": {\n    "dockerfile": "Nosuch"\n  }\n}' },
    failure: { kind: 'build', line: 3 },
    file: 'devcontainer.json',
    words: /^The Dockerfile .*\/Nosuch does not exist\.$/,
  },
  {
    what: 'an unknown image',
    files: { 'devcontainer.json': '{\n  "image": "127.0.0.1:1/nosuch/image:1"\n}' },
    failure: { kind: 'build', line: 2 },
    file: 'devcontainer.json',
    words: /^The image 127\.0\.0\.1:1\/nosuch\/image:1 is not here and could not be pulled: /,
  },
  {
    what: 'an unknown argument of docker run',
    files: { 'devcontainer.json': `{ "image": "${baseImage}", "runArgs": ["--nosuch"] }` },
    failure: { kind: 'run', message: 'The container could not be started: unknown flag: --nosuch.' },
  },
  {
    what: 'a mount from nowhere',
    files: {
      'devcontainer.json': `{ "image": "${baseImage}", "mounts": ["type=bind,source=/nosuch/x,target=/x"] }`,
    },
    failure: { kind: 'run' },
    words: /bind source path does not exist: \/nosuch\/x/,
  },
  {
    what: 'initializeCommand',
    files: { 'devcontainer.json': `{ "image": "${baseImage}",\n "initializeCommand": "exit 4" }` },
    failure: { kind: 'lifecycle', message: 'initializeCommand failed.', line: 2 },
    file: 'devcontainer.json',
  },
])('the failure of $what is explained', async ({ files, failure, file, words }) => {
  const project = await ground.project({ ...files });
  const result = await up(await ground.cli(), ground.request(project));
  expect(result.outcome).toBe('error');
  expect(result.exitCode).toBe(1);
  expect(result.failure).toMatchObject(failure);
  expect(result.failure?.message).toMatch(words ?? /./);
  expect(result.failure?.file).toBe(file && join(project, '.devcontainer', file));
  expect(result.message).toBe(result.failure?.message);
  expect(JSON.stringify([result.message, result.tail, result.heard])).not.toContain('canary');
});

test('a hook that fails leaves its container, and the result names it', async () => {
  const config = `{ "image": "${baseImage}",\n\n "postCreateCommand": "echo before; exit 3" }`;
  const project = await ground.project({ 'devcontainer.json': config });
  const result = await up(await ground.cli(), ground.request(project));
  expect(result.outcome).toBe('error');
  expect(result.failure).toEqual({
    kind: 'lifecycle',
    message: 'postCreateCommand failed, exit 3.',
    file: join(project, '.devcontainer', 'devcontainer.json'),
    line: 3,
    ...{ command: 'echo before; exit 3', exitCode: 3, logLine: expect.any(Number) as number },
  });
  expect(await ground.containersOf(project, [])).toEqual([result.containerId]);
  expect(result.heard.progress).toContainEqual({ kind: 'hook', name: 'postCreateCommand', status: 'failed' });
});

test('a port that is taken is named', async () => {
  const port = 30_000 + Math.floor(Math.random() * 2000);
  const name = `port-holder-${port}`;
  await ground.docker('run', '-d', '--name', name, '-p', `127.0.0.1:${port}:80`, baseImage, 'sleep', '1000');
  try {
    const config = { image: baseImage, runArgs: ['-p', `127.0.0.1:${port}:80`] };
    const project = await ground.project({ 'devcontainer.json': JSON.stringify(config) });
    const result = await up(await ground.cli(), ground.request(project));
    expect(result.failure).toMatchObject({
      kind: 'run',
      message: `Port ${port} of the host is already in use.`,
    });
  } finally {
    await ground.docker('rm', '-f', name);
  }
});

test('noCache builds anew', async () => {
  const project = await ground.project({
    'devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
    Dockerfile: `FROM ${baseImage}\nRUN cat /proc/uptime > /built\n`,
  });
  const cli = await ground.cli();
  const images: string[] = [];
  for (const noCache of [false, false, true]) {
    const result = await up(cli, ground.request(project, { noCache }));
    expect(result).toMatchObject({ outcome: 'success' });
    images.push(await ground.inspect(result.containerId ?? '', '{{.Image}}'));
    await ground.docker('rm', '-f', result.containerId ?? '');
  }
  expect(images[1]).toBe(images[0]);
  expect(images[2]).not.toBe(images[0]);
});

test('a folder that is the workspace of no one yields an error, not a crash', async () => {
  const project = join(await ground.folder(), 'empty');
  await mkdir(project);
  const result = await up(await ground.cli(), ground.request(project));
  expect(result.outcome).toBe('error');
  expect(result.message).toMatch(/devcontainer\.json/);
});

test('a question without a line end is told while it waits, and where the full log is before anything else', async () => {
  const config = { image: baseImage, initializeCommand: "printf 'Continue [y/N] '; sleep 600" };
  const project = await ground.project({ 'devcontainer.json': JSON.stringify(config) });
  const cancel = new AbortController();
  const heard: string[] = [];
  const listener = {
    onLog: (file: string) => heard.push(file.replace(/^.*\//, '')),
    onLine: () => heard.push('line'),
    onProgress: () => undefined,
    onUnfinished: (text: string) => {
      heard.push(text);
      cancel.abort();
    },
  };
  const cli = await ground.cli();
  await expect(cli.up(ground.request(project), listener, cancel.signal)).rejects.toThrow('cancelled');
  expect(heard[0]).toBe('log.ndjson');
  expect(heard).toContain('Continue [y/N] ');
});
