import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { engineAnswers } from '../../support/engineHttp';
import { run, runToEnd } from '../../support/processes';

const docker = (engine: string, ...args: string[]) =>
  run('docker', args, { env: { ...process.env, DOCKER_HOST: engine } });

describe('the shared engine', () => {
  it('runs the base image', async () => {
    const words = await docker(inject('dockerHost'), 'run', '--rm', baseImage, 'echo', 'ahoy');
    expect(words).toBe('ahoy\n');
  });
});

describe('a private engine', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startDockerEngine();
  });
  afterAll(() => engine.stop());

  it('keeps its containers over a kill and a restart', async () => {
    const id = (await docker(engine.endpoint, 'create', baseImage)).trim();
    await engine.kill();
    expect(await engineAnswers(engine.socketPath)).toBe(false);
    await engine.restart();
    expect((await docker(engine.endpoint, 'ps', '-aq', '--no-trunc')).trim()).toBe(id);
  });

  it('leaves nothing behind', async () => {
    await docker(engine.endpoint, 'network', 'create', 'side');
    await docker(engine.endpoint, 'run', '-d', '--network', 'side', baseImage, 'sleep', '1000');
    await engine.stop();
    const number = /\d+$/.exec(engine.folder)?.[0];
    expect(await run('ip', ['-4', 'addr'])).not.toContain(` 10.${number}.`);
    expect((await runToEnd('grep', [engine.folder, '/proc/self/mounts'])).stdout).toBe('');
    await expect(access(engine.folder)).rejects.toThrow();
  });
});
