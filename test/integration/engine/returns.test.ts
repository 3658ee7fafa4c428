import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchSocket } from '../../../src/engine/returns';
import { dockerPs, asPs } from '../../support/chaos';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { watchHastily } from '../../support/hastyWatch';
import { waitFor } from '../../support/processes';
import { temporaryFolder } from './support';

describe('watchSocket', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder, 'docker.sock');
  });

  function watching(listener: () => void) {
    const watch = watchSocket({ kind: 'socket', path }, listener);
    onTestFinished(() => watch?.dispose());
    return watch;
  }

  const listen = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
  };

  it('calls back when the socket comes, is replaced and goes, and for nothing else in its folder', async () => {
    const onReturn = vi.fn();
    watching(onReturn);
    await writeFile(join(folder, 'docker.pid'), '1');
    await writeFile(join(folder, 'last'), '');
    // What happens in a folder is told in its order, so all of the above would have been heard by now.
    const other = vi.fn();
    const last = watchSocket({ kind: 'socket', path: join(folder, 'last') }, other);
    onTestFinished(() => last?.dispose());
    await rm(join(folder, 'last'));
    await vi.waitFor(() => expect(other).toHaveBeenCalled());
    expect(onReturn).not.toHaveBeenCalled();

    await listen();
    await vi.waitFor(() => expect(onReturn).toHaveBeenCalled());
    onReturn.mockClear();
    await writeFile(join(folder, 'new'), '');
    await rename(join(folder, 'new'), path);
    await vi.waitFor(() => expect(onReturn).toHaveBeenCalled());
  });

  it('is silent once disposed', async () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const watch = watching(first);
    watching(second);
    watch?.dispose();
    await listen();
    await vi.waitFor(() => expect(second).toHaveBeenCalled());
    expect(first).not.toHaveBeenCalled();
  });

  it('survives that the folder goes away', async () => {
    path = join(folder, 'run', 'docker.sock');
    await mkdir(join(folder, 'run'));
    const onReturn = vi.fn();
    watching(onReturn);
    await rm(join(folder, 'run'), { recursive: true });
    await vi.waitFor(() => expect(watching(onReturn)).toBeUndefined());
  });

  it('is not to be had over the network, for a named pipe, and without a folder', () => {
    const none = () => undefined;
    path = join(folder, 'none', 'docker.sock');
    expect(watching(none)).toBeUndefined();
    expect(watchSocket({ kind: 'socket', path: '//./pipe/docker_engine' }, none)).toBeUndefined();
    expect(watchSocket({ kind: 'tcp', host: 'localhost', port: 1 }, none)).toBeUndefined();
    expect(watchSocket({ kind: 'ssh', host: 'far' }, none)).toBeUndefined();
  });
});

describe('an engine that is started', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startDockerEngine();
  });
  afterAll(() => engine.stop());

  it('after it was missing is noticed by its socket, however long the backoff is', async () => {
    await engine.kill();
    await rm(engine.socketPath, { force: true });
    // A daemon that is starting accepts before it answers: calls have the time that they have in the product.
    const { store, dispose } = await watchHastily(
      engine.endpoint,
      { backoffBaseMs: 1e9, localCapMs: 1e9 },
      {},
    );
    onTestFinished(dispose);
    await waitFor('the engine to be missed', () => store.state.errorKind === 'missing');
    await engine.restart();
    await waitFor('the engine to be found', () => store.state.status === 'ready', 2_000);
    expect(asPs(store.containers())).toBe(await dockerPs(engine));
  });
});
