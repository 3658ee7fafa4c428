import { messageOf } from '../common/errors';
import { groundsAfterJob, imagesAfterFailure } from './grounds';
import type { Job, Outgoing } from './job';
import type { JobParts } from './jobParts';
import type { Settled } from './outcome';
import type { EnginePort } from './ports';
import { wantedOf } from './prepareJob';

/** Keeps what a job that has been settled leaves to know: what the container was made from, and the way back. */
export async function keepKnowledge(parts: JobParts, job: Job, settled: Settled): Promise<void> {
  await keepRecords(parts, job, settled);
  try {
    await keepWayBack(parts, job, settled);
  } catch (error) {
    // The job's outcome stands, whatever can be kept of the time before it.
    parts.logger.warn(`Could not keep a way back for ${job.facts.key}: ${messageOf(error)}`);
  }
}

async function keepRecords(
  { inventory, drift, inputs }: JobParts,
  job: Job,
  settled: Settled,
): Promise<void> {
  const { facts, store, reading, started, attempt } = job;
  const { outcome, made, restored } = settled;
  const subject = made && inventory.caseOf(facts, made);
  if (subject && reading) {
    const wanted = wantedOf(facts, reading);
    drift.record(
      subject,
      'created',
      await groundsAfterJob(store.engine, inputs, wanted, { reading, inputs: job.inputs }),
    );
  } else if (made && job.madeFrom) drift.inherit(job.madeFrom, made.id);
  const replaced = attempt.replaced?.id;
  const record = replaced === undefined ? undefined : drift.madeFrom(facts.engine, replaced);
  if (restored && record) drift.inherit(record, restored.id);
  const kept = outcome.outcome === 'succeeded' ? undefined : inventory.caseOf(facts);
  if (kept && kept.container.id === outcome.containerId) {
    const images = await imagesAfterFailure(store.engine, kept.container.id);
    const now = reading ? await inputs.read(wantedOf(facts, reading)) : { readings: job.inputs };
    drift.acceptLeft(kept, { images, inputs: { before: job.inputs, now: now.readings } });
  }
  const again = started?.id === outcome.containerId && inventory.caseOf(facts, started);
  if (again && reading && outcome.outcome === 'succeeded')
    drift.recordRestarted(again, { reading, inputs: job.inputs });
}

async function keepWayBack(
  parts: JobParts,
  job: Job,
  { outcome, made, restored, keepsOld }: Settled,
): Promise<void> {
  const { previous } = parts;
  const { key, engine: engineKey } = job.facts;
  const { engine, replaced, revived } = job.attempt;
  const isDone = outcome.outcome === 'succeeded';
  if (revived && made?.id === revived.id) await previous.keep(key, engineKey, undefined);
  else if (isDone && isGoodNow(parts, job)) await retire(parts, job);
  if (made && job.outgoing && replaced && !job.outgoing.hasFailed && !(keepsOld && replaced.copy)) {
    await remember(parts, job, job.outgoing);
  }
  if (keepsOld && replaced?.setAsideName !== undefined) {
    const { id, name, setAsideName } = replaced;
    await previous.keep(key, engineKey, { id, name, setAsideName });
  }
  if (!replaced?.copy || restored) return;
  if (keepsOld && job.outgoing) await remember(parts, job, job.outgoing, replaced.copy.image);
  else await engine.untag(replaced.copy.image);
}

/** Whether there is no more need of a container that was kept: the one there is now has proved itself. */
function isGoodNow({ settings }: JobParts, { kind }: Job): boolean {
  return kind === 'recreate' || kind === 'rollBack' || (kind === 'rerun' && !settings.keepsOld());
}

/** A container that was kept because its successor failed is not wanted any more; its image is. */
async function retire(parts: JobParts, job: Job): Promise<void> {
  const { previous, drift } = parts;
  const { key, engine: engineKey } = job.facts;
  const kept = previous.of(key)?.kept;
  if (!kept) return;
  const { engine } = job.attempt;
  const [facts, blueprint] = [await engine.inspect(kept.id), await engine.blueprint(kept.id)];
  if (facts && blueprint && facts.name === kept.setAsideName) {
    const madeFrom = drift.madeFrom(engineKey, kept.id);
    await remember(parts, job, {
      ...{ imageId: facts.imageId, blueprint, hasFailed: false },
      ...(madeFrom ? { madeFrom } : {}),
    });
    await engine.remove(kept.id);
  }
  await previous.keep(key, engineKey, undefined);
}

/** Gives the image a name by which it stays, or uses the one that it has. */
async function remember(
  { previous, timers }: JobParts,
  { facts, attempt: { engine } }: Job,
  { imageId, blueprint, madeFrom }: Outgoing,
  copy?: string,
): Promise<void> {
  const name = copy ?? (await named(engine, imageId));
  const id = copy === undefined ? imageId : ((await engine.imageId(copy)) ?? imageId);
  const dropped = await previous.add(facts.key, facts.engine, {
    ...{ name, id, blueprint, at: timers.now() },
    ...(madeFrom ? { madeFrom } : {}),
  });
  for (const each of dropped) await engine.untag(each);
}

async function named(engine: EnginePort, imageId: string): Promise<string> {
  const name = `shipshape/previous:${imageId.replace(/^sha256:/, '').slice(0, 12)}`;
  await engine.tag(imageId, name);
  return name;
}
