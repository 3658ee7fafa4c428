import type { Drift } from './drift';
import type { EngineStore } from './engineStore';
import type { Journal } from './journal';
import type { Recreate } from './recreate';

/** What is done whenever an engine answers that did not before: unfinished jobs are put right, old records dropped. */
export async function recover(
  store: EngineStore,
  parts: { readonly journal: Journal; readonly drift: Drift; readonly recreate: Pick<Recreate, 'isRunning'> },
): Promise<void> {
  const { journal, drift, recreate } = parts;
  await journal.recover(store.engine, (key) => recreate.isRunning(key));
  const ids = new Set(store.containers().map(({ id }) => id));
  const isThere = async (id: string): Promise<boolean> => (await store.engine.inspect(id)) !== undefined;
  await drift.forgetOthers(store.engine.key, ids, isThere);
}
