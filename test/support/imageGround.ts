import { silentLogger } from '../../src/common/logger';
import type { Bases } from '../../src/core/baseChecks';
import { Engines } from '../../src/core/engines';
import { ImageChecks } from '../../src/core/imageChecks';
import type { PlatformImage, RegistryAccess, RegistryPort } from '../../src/core/imagePorts';
import { ImageStatuses } from '../../src/core/imageStatuses';
import { formatReference, type ImageReference } from '../../src/core/imageReference';
import type { ContainerFacts } from '../../src/core/ports';
import { container, FakeEngine } from './fakeEngine';
import { FakeRecords } from './fakeDisk';
import { FakeTimers } from './fakeTimers';

export const sha = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const [A, B, C] = [sha('a'), sha('b'), sha('c')];
const platform = { os: 'linux', architecture: 'amd64' };

/** A registry whose names mean what the test says. */
class FakeRegistry implements RegistryPort {
  readonly heads: string[] = [];
  readonly gets: string[] = [];
  readonly digests = new Map<string, string>();
  readonly platforms = new Map<string, PlatformImage>();
  access: RegistryAccess | undefined;
  failure: Error | undefined;
  hold: Promise<void> | undefined;

  async head(reference: ImageReference, access: RegistryAccess) {
    const name = formatReference(reference);
    this.heads.push(name);
    this.access = access;
    await this.hold;
    if (this.failure) throw this.failure;
    return { digest: this.digests.get(name) ?? A };
  }

  onPlatform(_: ImageReference, digest: string): Promise<PlatformImage | undefined> {
    this.gets.push(digest);
    return Promise.resolve(this.platforms.get(digest));
  }
}

/** Image checks over an engine and a registry in memory. */
export async function imageGround() {
  const engine = new FakeEngine();
  const timers = new FakeTimers();
  const engines = new Engines(timers, silentLogger);
  engines.use([engine]);
  await timers.pass(1_000);
  const registry = new FakeRegistry();
  const records = new FakeRecords();
  const statuses = new ImageStatuses(records, timers, silentLogger);
  const checks = new ImageChecks({ engines, registry, statuses, timers, logger: silentLogger });
  /** A container of this name, whose image has these digests and is called so. */
  const add = (
    digit: string,
    name: string,
    more: {
      digests?: string[];
      tags?: string[];
      imageId?: string;
      layers?: string[];
    } & Partial<ContainerFacts> = {},
  ) => {
    const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    const {
      digests = [`${repository}@${A}`],
      tags = [name],
      imageId = sha(digit),
      layers = [],
      ...facts
    } = more;
    engine.imageFacts.set(imageId, { id: imageId, repoDigests: digests, repoTags: tags, platform, layers });
    return container(digit, { image: name, imageId, ...facts });
  };
  const run = async (containers: readonly ContainerFacts[], force = false, bases?: Bases) => {
    const done = checks.check(
      containers.map((each) => ({ engine: 'fake', container: each, bases })),
      { force },
    );
    await timers.pass(0);
    return done;
  };
  const one = async (each: ContainerFacts, force = false, bases?: Bases) =>
    (await run([each], force, bases))[0];
  return { engine, engines, timers, registry, records, statuses, checks, add, run, one };
}
