import type { UpdateReport } from '../api';
import { messageOf } from '../common/errors';
import { COMPOSE_PROJECT_LABEL, normalizeState } from './identity';
import type { Checked } from './imageChecks';
import { formatReference, parseReference } from './imageReference';
import { askedName, readSubject } from './imageSubject';
import type { Quarantine } from './quarantine';
import type { Task, UpdateParts } from './updateParts';
import { policyOf, registryReference } from './updatePolicy';
import { unitsOf } from './updateUnits';

/**
 * What there is to update, with nothing touched: each task's report is `pending` where there is something to do, and
 * else says what keeps it from that. One container's trouble is its own.
 */
export async function planUpdates(
  parts: UpdateParts,
  chosen: readonly Checked[],
  retriesBad: boolean,
): Promise<Task[]> {
  const tasks = chosen.flatMap((each) => taskFor(parts, each) ?? []);
  const open = tasks.filter((task) => judgeByItself(task));
  const asked = open.filter(({ policy }) => policy !== 'local');
  const checked = asked.map(({ store, container }) => ({ engine: store.engine.key, container }));
  const checks = await parts.check(checked);
  for (const [index, task] of asked.entries()) {
    const { reference, status, reason, localDigest, remoteDigest } = checks[index] ?? {
      reference: task.image,
      status: 'error' as const,
    };
    task.image = reference;
    task.isPulled = remoteDigest !== undefined;
    const digests = { ...(localDigest && { from: localDigest }), ...(remoteDigest && { to: remoteDigest }) };
    const why = reason === undefined ? {} : { error: reason };
    // The name means another image here by now: that one is meant.
    if (status === 'outdated' && !task.isPulled) await compareLocally(task);
    else if (status === 'outdated') tell(task, { updated: 'pending', image: reference, ...digests });
    else if (status === 'updated') tell(task, { updated: 'false', image: reference, ...digests });
    else tell(task, { updated: status === 'error' ? 'failed' : 'false', image: reference, ...why });
  }
  const local = open.filter(({ policy }) => policy === 'local');
  await Promise.all(local.map((task) => compareLocally(task)));
  if (!retriesBad) await Promise.all(tasks.map((task) => heedQuarantine(task, parts.quarantine)));
  return tasks;
}

/** Says more of a task's end. */
export function tell(task: Task, more: Partial<UpdateReport>): void {
  task.report = { ...task.report, ...more };
}

/** The name in full, by which an image is known whatever a container calls it. */
export function fullName(image: string): string {
  const reference = parseReference(image);
  return reference ? formatReference(reference) : image;
}

/** Leaves out what did not work already, and says so. */
export async function heedQuarantine(task: Task, quarantine: Quarantine, imageId?: string): Promise<void> {
  const { store, report } = task;
  if (report.updated !== 'pending') return;
  const candidate = { ...(report.to && { digest: report.to }), ...(imageId && { imageId }) };
  const bad = await quarantine.find(store.engine.key, fullName(task.image), candidate);
  if (!bad) return;
  const error = `Its newer image is left out until there is another: ${bad.container} did not work with it. ${bad.why}`;
  tell(task, { updated: 'false', error, isQuarantined: true });
}

function taskFor({ engines }: UpdateParts, { engine, container }: Checked): Task | undefined {
  const store = engines.find(engine);
  if (!store) return undefined;
  const [unit] = unitsOf(engine, [container]);
  const project = container.labels[COMPOSE_PROJECT_LABEL];
  const report: UpdateReport = {
    ...{ containerId: container.id, name: container.name, image: container.image },
    ...{ policy: 'manual', updated: 'failed', engine, environment: store.engine.name },
    ...(unit && unit.kind !== 'container' ? { unit: unit.name } : {}),
    ...(project === undefined ? {} : { project }),
  };
  const task = { store, container, image: container.image, isPulled: true, report };
  try {
    const policy = policyOf(container.labels) ?? 'manual';
    return { ...task, policy, isPulled: policy !== 'local', report: { ...report, policy } };
  } catch (error) {
    const wrong = container.labels['io.containers.autoupdate'] ?? '';
    return { ...task, policy: 'manual', report: { ...report, policy: wrong, error: messageOf(error) } };
  }
}

/** Whether more has to be asked. */
function judgeByItself(task: Task): boolean {
  const { container, policy, report } = task;
  if (report.error !== undefined) return false;
  const state = normalizeState(container.state);
  if (state !== 'running') {
    tell(task, { updated: 'false', error: `skipped (${state})` });
    return false;
  }
  try {
    if (policy === 'registry') registryReference(askedName(container));
    return true;
  } catch (error) {
    tell(task, { error: messageOf(error) });
    return false;
  }
}

async function compareLocally(task: Task): Promise<void> {
  try {
    const { reference, movedTo, imageId } = await readSubject(task.store.engine, task.container);
    task.image = reference;
    const isMoved = movedTo !== undefined;
    tell(task, {
      ...{ image: reference, from: imageId, to: movedTo ?? imageId },
      updated: isMoved ? 'pending' : 'false',
    });
  } catch (error) {
    tell(task, { error: messageOf(error) });
  }
}
