import { ShipshapeError } from '../common/errors';
import type { Job } from './job';
import { normalizeState } from './identity';
import type { EnginePort } from './ports';
import type { Replaced } from './swap';

/**
 * Puts what there was before in the place of the container that there is: the kept container, or one made anew from
 * the image that is kept. The CLI starts it. When this rejects, the job's end puts things back.
 */
export async function stepBack({ attempt, image }: Job): Promise<void> {
  const { engine, replaced, revived } = attempt;
  if (replaced) await moveAside(engine, replaced);
  if (revived) {
    await engine.rename(revived.id, replaced?.name ?? revived.name);
    return;
  }
  if (!image) throw new ShipshapeError('notFound', 'There is no earlier container or image to go back to.');
  await engine.make(image.blueprint, replaced?.name ?? nameIn(image.blueprint), image.name);
}

async function moveAside(engine: EnginePort, { id, setAsideName, copy }: Replaced): Promise<void> {
  await engine.stop(id);
  if (setAsideName !== undefined) await engine.rename(id, setAsideName);
  else if (copy) {
    await engine.commit(id, copy.image);
    await engine.remove(id);
  }
  // A container that restarts by itself would take the ports again.
  const left = await engine.inspect(id);
  if (left && normalizeState(left.state) === 'running') {
    throw new ShipshapeError('engineFailed', `${left.name} does not stop.`);
  }
}

function nameIn(blueprint: Readonly<Record<string, unknown>>): string {
  const name = blueprint['Name'];
  return typeof name === 'string' ? name.replace(/^\//, '') : 'dev-container';
}
