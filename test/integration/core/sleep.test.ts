import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { sleeper } from '../../support/chaos';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { startEngineProxy } from '../../support/engineProxy';
import { waitFor } from '../../support/processes';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startDockerEngine();
});
afterAll(() => engine.stop());

/** A window as a process of its own; `says` is what it printed last. */
function openWindow(endpoint: string) {
  const script = join(import.meta.dirname, 'sleepingWindow.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, endpoint], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const window = { says: '', signal: (signal: NodeJS.Signals) => child.kill(signal) };
  createInterface(child.stdout).on('line', (line) => (window.says = line));
  return window;
}

it('after a sleep in which its connections died unheard, a window knows what is there now (fault 73)', async () => {
  const docker = new Docker({ socketPath: engine.socketPath });
  const create = (name: string) => docker.createContainer({ ...sleeper, name });
  const proxy = await startEngineProxy(engine.socketPath);
  onTestFinished(() => proxy.stop());
  const gone = await create('gone');
  const window = openWindow(proxy.endpoint);
  await waitFor('the first list', () => window.says === 'ready gone');
  await create('kept');
  await waitFor('an event', () => window.says === 'ready gone kept');

  window.signal('SIGSTOP');
  const asleep = Date.now();
  proxy.stall();
  proxy.mend();
  await gone.remove();
  await create('new');
  await waitFor('a good sleep', () => Date.now() - asleep > 3_500);
  expect(window.says).toBe('ready gone kept');
  window.signal('SIGCONT');
  await waitFor('what is there now', () => window.says === 'ready kept new', 5_000);
  await create('heard');
  await waitFor('an event again', () => window.says === 'ready heard kept new', 5_000);
  await waitFor('the dead connections to be given up', () => proxy.stalled === 0);
});
