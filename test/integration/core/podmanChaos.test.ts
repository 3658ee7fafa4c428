import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { asPs } from '../../support/chaos';
import { watchHastily } from '../../support/hastyWatch';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { run, waitFor } from '../../support/processes';

const rounds = Number(process.env['SHIPSHAPE_CHAOS_KILLS'] ?? 3);

let podman: TestPodman;
beforeAll(async () => {
  podman = await startPodmanEngine();
});
afterAll(() => podman.stop());

const command = async (...args: string[]) => (await run('podman', args, { env: podman.env })).trim();
const create = (name: string) =>
  command('create', '--name', name, '--stop-timeout', '0', 'shipshape-test/base:1', 'sleep', '10000');

/** `id name state` of each container, as the podman command tells it. */
async function podmanPs(): Promise<string> {
  const said = JSON.parse(await command('ps', '--all', '--format', 'json')) as Said[];
  return asPs(said.map(({ Id: id, Names: [name = ''], State: state }) => ({ id, name, state })));
}

interface Said {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
}

async function watching() {
  const { store, dispose } = await watchHastily(podman.endpoint);
  onTestFinished(dispose);
  await waitFor('the first list', () => store.state.status === 'ready');
  return store;
}

it(
  `after the service is killed and started again we know what podman ps says, ${rounds} of ${rounds} times`,
  async () => {
    const store = await watching();
    for (let n = 0; n < rounds; n++) {
      const [kept, gone] = [await create(`kept${n}`), await create(`gone${n}`)];
      await command('start', kept);
      const isKnown = (id: string, state: string) => store.find(id)?.state === state;
      await waitFor('both to be known', () => isKnown(kept, 'running') && isKnown(gone, 'created'));
      const killed = podman.killAndRestart();
      // Without the service the command still works, and nobody tells us.
      await Promise.all([command('kill', kept), command('rm', gone), create(`new${n}`), killed]);
      // Asked each time anew: what was killed is told as running for a moment more.
      const isTrue = async () =>
        store.state.status === 'ready' && asPs(store.containers()) === (await podmanPs());
      await waitFor('what podman ps says', isTrue, 5_000);
    }
  },
  60_000 + rounds * 20_000,
);

it('a service that hangs is noticed by the watchdog, and is back soon after it goes on', async () => {
  const store = await watching();
  podman.pause();
  try {
    await waitFor('the watchdog to bark', () => store.state.errorKind === 'silent', 3_500);
    await create('meanwhile');
  } finally {
    podman.resume();
  }
  await waitFor('the service to be back', () => store.state.status === 'ready', 5_000);
  await waitFor('the new one', () => store.containers().some(({ name }) => name === 'meanwhile'));
  expect(asPs(store.containers())).toBe(await podmanPs());
});
