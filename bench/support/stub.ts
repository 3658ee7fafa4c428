import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSleepers } from '../../test/support/chaos';
import type { TestEngine } from '../../test/support/dockerEngine';
import { callEngine } from '../../test/support/engineHttp';

export interface Stub {
  readonly socketPath: string;
  readonly endpoint: string;
  rename(n: number, name: string): void;
  /** Starts the container, or stops it. */
  flip(n: number): void;
  requests(): Promise<number>;
  stop(): Promise<void>;
}

/** What a real engine says of one container; the stub's answers are made of it. */
export async function record(engine: TestEngine): Promise<string> {
  const [id = ''] = await createSleepers(engine, 1, true);
  const get = async (path: string): Promise<unknown> =>
    JSON.parse((await callEngine(engine.socketPath, 'GET', path)).body);
  const [listed] = (await get('/containers/json?all=1')) as Record<string, unknown>[];
  const inspected = await get(`/containers/${id}/json`);
  await callEngine(engine.socketPath, 'DELETE', `/containers/${id}?force=1`);
  const labels = Object.fromEntries(
    Array.from({ length: 8 }, (_, n) => [`org.example.label${n}`, `value ${n}`]),
  );
  return JSON.stringify({ listed: { ...listed, Labels: labels }, inspected });
}

export async function startStub(recording: string, count: number): Promise<Stub> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-stub-'));
  const socketPath = join(folder, 'docker.sock');
  await writeFile(join(folder, 'recording.json'), recording);
  const args = [socketPath, join(folder, 'recording.json'), String(count)];
  const child = fork(join(import.meta.dirname, 'engineStub.ts'), args);
  await once(child, 'message');
  return {
    socketPath,
    endpoint: `unix://${socketPath}`,
    rename: (n, name) => void child.send({ what: 'rename', n, name }),
    flip: (n) => void child.send({ what: 'flip', n }),
    async requests() {
      child.send({ what: 'count' });
      const [answer] = (await once(child, 'message')) as [number];
      return answer;
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
