import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLogger as logger } from '../src/common/logger';
import { hostTimers as timers } from '../src/common/scheduling';
import { ImageChecks, type Checked } from '../src/core/imageChecks';
import { RegistryClient } from '../src/registry/client';
import { container, FakeEngine } from '../test/support/fakeEngine';
import { startRegistry, type TestRegistry } from '../test/support/registry';
import { putImage } from '../test/support/registryImages';
import { startWebServer, type WebServer } from '../test/support/webServer';
import { figure, type Figure } from './figures';
import { watchPort } from './support/inventory';

const CONTAINERS = 500;
const REFERENCES = 20;
/** Two names each: so many requests one host gets at once. */
const HOSTS = 10;
/** What the nearest registry takes to answer; the next takes twice as long, and so on. */
const DELAY_MS = 40;

/** What checking the images of 500 containers asks of registries, and how soon all is shown. */
export async function imageFigures(): Promise<Figure[]> {
  const registry = await startRegistry();
  const fronts = await Promise.all(
    Array.from({ length: HOSTS }, (_, n) => frontOf(registry, DELAY_MS * (n + 1))),
  );
  const home = await mkdtemp(join(tmpdir(), 'shipshape-bench-images-'));
  try {
    return await measure(registry, fronts, home);
  } finally {
    await Promise.all(fronts.map((front) => front.stop()));
    await registry.stop();
    await rm(home, { recursive: true });
  }
}

async function measure(
  registry: TestRegistry,
  fronts: readonly WebServer[],
  home: string,
): Promise<Figure[]> {
  const engine = await fill(registry, fronts);
  const watched = watchPort(engine);
  watched.connect();
  await watched.until(({ containers }) => containers.length === CONTAINERS);
  const system = {
    env: {},
    home,
    readFile: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
  };
  const client = new RegistryClient({ system, timers, logger });
  const { engines, statuses } = watched;
  const checks = new ImageChecks({ engines, statuses, registry: client, timers, logger });
  const all = [...engine.containers.values()].map((facts): Checked => ({
    engine: engine.key,
    container: facts,
  }));
  const slowest = await slowestOf(fronts);
  const before = asked(fronts).length;
  const began = performance.now();
  void checks.check(all);
  await watched.until(({ containers }) => containers.every(({ check }) => check?.status === 'updated'));
  const shownMs = performance.now() - began;
  const requests = asked(fronts).slice(before);
  const [first] = all;
  const known = asked(fronts).length;
  await Promise.all(Array.from({ length: 100 }, () => checks.check(first ? [first] : [], { force: true })));
  const forced = asked(fronts).length - known;
  checks.dispose();
  watched.dispose();
  const heads = requests.filter((method) => method === 'HEAD').length;
  const count = { unit: '', boundOf: 'value' } as const;
  const what = `${CONTAINERS} containers of ${REFERENCES} images`;
  return [
    figure({ ...count, name: `HEAD requests, ${what}`, value: heads, bound: REFERENCES, n: CONTAINERS }),
    figure({
      ...count,
      name: `other requests, ${what}`,
      value: requests.length - heads,
      bound: 0,
      n: CONTAINERS,
    }),
    figure({
      ...count,
      name: 'requests for 100 forced checks of one image at once',
      value: forced,
      bound: 1,
      n: 100,
    }),
    figure({
      name: `check until the last status is shown, ${what} (baseline: the slowest registry's answer)`,
      ...{ value: shownMs, unit: 'ms', baseline: slowest, n: CONTAINERS },
      ...{ bound: Math.round(2 * slowest + 200), boundOf: 'value' },
    }),
  ];
}

/** A registry far away: the same one behind an address of its own. */
function frontOf(registry: TestRegistry, delayMs: number): Promise<WebServer> {
  return startWebServer(async ({ method, path, headers }, response) => {
    await pause(delayMs);
    const accept = headers.accept ?? '';
    const answer = await fetch(registry.url + path, { method, headers: { accept } });
    const told = ['content-type', 'docker-content-digest'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    response.writeHead(answer.status, Object.fromEntries(told)).end(Buffer.from(await answer.arrayBuffer()));
  });
}

/** An engine with running containers of images that the registries have. */
async function fill(registry: TestRegistry, fronts: readonly WebServer[]): Promise<FakeEngine> {
  const engine = new FakeEngine();
  const platform = { os: 'linux', architecture: 'amd64' };
  const kinds = await Promise.all(
    Array.from({ length: REFERENCES }, async (_, n) => {
      const repository = `team/app${n}`;
      const put = await putImage({ url: registry.url, repository, tag: '1', content: `${n}` });
      const name = `${fronts[n % HOSTS]?.host ?? ''}/${repository}`;
      const id = put.platforms[0]?.config ?? '';
      engine.imageFacts.set(id, {
        id,
        repoDigests: [`${name}@${put.digest}`],
        repoTags: [`${name}:1`],
        platform,
        layers: [],
      });
      return { image: `${name}:1`, imageId: id };
    }),
  );
  for (let n = 0; n < CONTAINERS; n++) {
    const id = n.toString(16).padStart(64, '0');
    engine.containers.set(id, container('0', { ...kinds[n % REFERENCES], id, name: `c${n}` }));
  }
  return engine;
}

/** The slowest of as many bare requests, as many at once. */
async function slowestOf(fronts: readonly WebServer[]): Promise<number> {
  const times = fronts.flatMap(({ url }) =>
    [0, 1].map(async () => {
      const began = performance.now();
      await fetch(`${url}/v2/`, { method: 'HEAD' });
      return performance.now() - began;
    }),
  );
  return Math.max(...(await Promise.all(times)));
}

function asked(fronts: readonly WebServer[]): string[] {
  return fronts.flatMap((front) => front.asked.map(({ method }) => method));
}
