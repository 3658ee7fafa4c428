import { beforeEach, describe, expect, it } from 'vitest';
import type { ImageCheck, UpdateReport } from '../../../src/api';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger as logger } from '../../../src/common/logger';
import { Engines } from '../../../src/core/engines';
import type { ContainerFacts } from '../../../src/core/ports';
import { Quarantine } from '../../../src/core/quarantine';
import { update } from '../../../src/core/update';
import type { UpdateOptions, UpdateParts } from '../../../src/core/updateParts';
import { FakeRecords } from '../../support/fakeDisk';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

const IMAGE = 'ghcr.io/team/app:1';
const [OLD, NEW, NEWER] = ['0', '1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];
const platform = { os: 'linux', architecture: 'amd64' };
let engine: FakeEngine;
let engines: Engines;
let quarantine: Quarantine;
/** What the registry says of every name. */
let remote: string;
let asked: string[];
/** The names of the containers that are renewed together, and what comes of it. */
let renewed: string[][];
let fate: (names: readonly string[]) => Error | undefined;

/** What a registry hands out under the name, by the digest. */
function put(digest: string, name = IMAGE): void {
  remote = digest;
  const repository = name.replace(/:1$/, '');
  engine.pulls.set(name, {
    id: digest,
    repoDigests: [`${repository}@${digest}`],
    repoTags: [name],
    platform,
    layers: [],
  });
}

beforeEach(async () => {
  engine = new FakeEngine();
  const timers = new FakeTimers();
  engines = new Engines(timers, logger);
  engines.use([engine]);
  await timers.pass(1_000);
  engine.imageFacts.set(OLD, { id: OLD, repoDigests: [], repoTags: [IMAGE], platform, layers: [] });
  engine.images.set(IMAGE, OLD);
  quarantine = new Quarantine(new FakeRecords(), timers);
  [asked, renewed] = [[], []];
  fate = () => undefined;
  put(NEW);
  engine.calls.length = 0;
});

function add(digit: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  const facts = container(digit, { image: IMAGE, imageId: OLD, ...more });
  engine.containers.set(facts.id, facts);
  return facts;
}

const parts = (): UpdateParts => ({
  ...{ engines, quarantine, logger },
  findLogin: (_, file) => {
    asked.push(file ?? 'docker');
    return Promise.resolve(undefined);
  },
  check: (checked) =>
    Promise.resolve(
      checked.map(({ container: { image, imageId } }): ImageCheck => {
        const status = imageId === remote ? 'updated' : 'outdated';
        return { reference: image, status, localDigest: imageId, remoteDigest: remote };
      }),
    ),
  renew: (_, tasks) => {
    const names = tasks.map((task) => task.container.name);
    renewed.push(names);
    const error = fate(names);
    if (error) return Promise.resolve({ outcome: 'rolledBack', error, isImageToBlame: true });
    return Promise.resolve({
      outcome: 'replaced',
      containerIds: tasks.map(({ container: { id } }) => `new ${id}`),
    });
  },
});

const run = (chosen: readonly ContainerFacts[], options?: UpdateOptions): Promise<readonly UpdateReport[]> =>
  update(
    parts(),
    chosen.map((each) => ({ engine: 'fake', container: each })),
    options,
  );
const ends = (reports: readonly UpdateReport[]): string[] =>
  reports.map(({ name, updated }) => `${name} ${updated}`);
const pulls = (): string[] => engine.calls.filter((call) => call.startsWith('pull'));

describe('an update', () => {
  it('fetches each name once, whatever the number of containers, and reports every one', async () => {
    const other = 'ghcr.io/team/other:1';
    const chosen = [add('a'), add('b'), add('c', { image: other })];
    put(NEW, other);
    const reports = await run(chosen);
    expect(ends(reports)).toEqual(['ca true', 'cb true', 'cc true']);
    expect(reports[0]).toEqual({
      ...{ containerId: chosen[0]?.id, name: 'ca', image: IMAGE, policy: 'manual', updated: 'true' },
      ...{ newContainerId: `new ${'a'.repeat(64)}`, from: OLD, to: NEW, engine: 'fake', environment: 'Fake' },
    });
    expect(pulls()).toEqual([`pull ${IMAGE}`, `pull ${other}`]);
    expect(renewed).toEqual([['ca'], ['cb'], ['cc']]);
  });

  it('of a dry run says what would be done, and does nothing', async () => {
    const reports = await run([add('a'), add('b', { imageId: NEW })], { dryRun: true });
    expect(ends(reports)).toEqual(['ca pending', 'cb false']);
    expect(reports[0]).toMatchObject({ from: OLD, to: NEW });
    expect(engine.calls.filter((call) => !/^(list|inspect|facts|image|details)/.test(call))).toEqual([]);
    expect(renewed).toEqual([]);
  });

  it('touches running ones only', async () => {
    const [report] = await run([add('a', { state: 'exited' })]);
    expect(report).toMatchObject({ updated: 'false', error: 'skipped (stopped)' });
    expect(engine.calls).toEqual([]);
  });

  it('goes on whatever is wrong with one, and says that of the one alone', async () => {
    const labels = (policy: string) => ({ labels: { 'io.containers.autoupdate': policy } });
    const reports = await run([
      add('a', labels('sometimes')),
      add('b', { ...labels('registry'), image: 'app:1' }),
      add('c', { image: 'ghcr.io/team/none:1' }),
      add('d', labels('registry')),
      add('e', labels('image')),
    ]);
    expect(ends(reports)).toEqual(['ca failed', 'cb failed', 'cc failed', 'cd true', 'ce true']);
    expect(reports[0]?.error).toContain('valid are disabled, image, local, registry');
    expect(reports[0]?.policy).toBe('sometimes');
    expect(reports[1]?.error).toContain('its registry is not named');
    expect(reports[2]?.error).toBe('There is no ghcr.io/team/none:1.');
    expect(reports.map(({ policy }) => policy).slice(3)).toEqual(['registry', 'registry']);
  });

  it("asks a container's own file for the login", async () => {
    await run([add('a', { labels: { 'io.containers.autoupdate.authfile': '/auth.json' } })]);
    expect(asked).toEqual(['/auth.json']);
  });

  it('by the policy "local" asks nobody, and takes what the name means by now', async () => {
    const labels = { 'io.containers.autoupdate': 'local' };
    engine.imageFacts.set(OLD, { id: OLD, repoDigests: [], repoTags: [], platform, layers: [] });
    engine.imageFacts.set(NEWER, { id: NEWER, repoDigests: [], repoTags: ['app:1'], platform, layers: [] });
    engine.images.set('app:1', NEWER);
    const moved = add('a', { image: 'app:1', labels });
    const [report] = await run([moved]);
    expect(report).toMatchObject({ updated: 'true', policy: 'local', from: OLD, to: NEWER });
    expect([pulls(), asked]).toEqual([[], []]);
    engine.images.set('app:1', OLD);
    expect(await run([moved])).toMatchObject([{ updated: 'false' }]);
  });

  it('is cancelled between two units', async () => {
    const cancel = new AbortController();
    fate = () => {
      cancel.abort();
      return undefined;
    };
    const reports = await run([add('a'), add('b', { image: 'ghcr.io/team/app:1' })], {
      signal: cancel.signal,
    });
    expect(ends(reports)).toEqual(['ca true', 'cb failed']);
    expect(reports[1]?.error).toBe('Cancelled.');
  });
});

describe('the containers of one unit', () => {
  const project = { labels: { 'com.docker.compose.project': 'shop' } };

  it('are updated together, and say whose they are', async () => {
    const reports = await run([add('a', project), add('b'), add('c', project)]);
    expect(renewed).toEqual([['ca', 'cc'], ['cb']]);
    expect(reports[2]).toMatchObject({ unit: 'shop', project: 'shop', updated: 'true' });
  });

  it('stay as they are where one of them cannot have its image', async () => {
    const reports = await run([add('a', project), add('c', { ...project, image: 'ghcr.io/team/none:1' })]);
    expect(ends(reports)).toEqual(['ca failed', 'cc failed']);
    expect(reports[0]?.error).toBe('Not updated, since cc of the same unit was not.');
    expect(renewed).toEqual([]);
  });
});

describe('an image with which a container does not work', () => {
  beforeEach(() => {
    fate = (names) => (names.includes('cb') ? new ShipshapeError('engineFailed', 'it ended') : undefined);
  });

  it('is left out for the others too, until its name means another', async () => {
    const chosen = [add('b'), add('c')];
    const reports = await run(chosen);
    expect(ends(reports)).toEqual(['cb rolled back', 'cc false']);
    expect(reports[0]?.error).toBe('it ended');
    expect(reports[1]?.error).toBe(
      'Its newer image is left out until there is another: cb did not work with it. it ended',
    );
    expect(renewed).toEqual([['cb']]);
    // Its name means the old one again.
    expect(engine.images.get(IMAGE)).toBe(OLD);

    for (const dryRun of [true, false]) {
      expect(await run(chosen, { dryRun })).toMatchObject([{ isQuarantined: true }, { updated: 'false' }]);
    }
    expect(renewed).toHaveLength(1);
    put(NEWER);
    fate = () => undefined;
    expect(ends(await run(chosen))).toEqual(['cb true', 'cc true']);
  });

  it('keeps its name where another container works with it', async () => {
    expect(ends(await run([add('a'), add('b')]))).toEqual(['ca true', 'cb rolled back']);
    expect(engine.images.get(IMAGE)).toBe(NEW);
  });

  it('is taken all the same when somebody says so, and is none any more when it works then', async () => {
    const chosen = [add('b')];
    await run(chosen);
    fate = () => undefined;
    expect(ends(await run(chosen, { retriesBad: true }))).toEqual(['cb true']);
    expect(await quarantine.find('fake', IMAGE, { digest: NEW })).toBeUndefined();
  });

  it('is not blamed for what the engine failed to do', async () => {
    const broken: UpdateParts = { ...parts(), renew: () => Promise.reject(new Error('dead')) };
    const reports = await update(broken, [{ engine: 'fake', container: add('b') }]);
    expect(reports).toMatchObject([{ updated: 'failed', error: 'dead' }]);
    expect(await quarantine.find('fake', IMAGE, { digest: NEW })).toBeUndefined();
  });
});
