import { equal } from '../common/equal';
import type { MadeFrom } from './madeFrom';
import type { InputReading } from './ports';

/** What a job that kept the container has left all the same, and what there was before it. */
export interface Left {
  /** Ids of images by names that mean them now. */
  readonly images: MadeFrom['images'];
  readonly inputs: { readonly before: readonly InputReading[]; readonly now: readonly InputReading[] };
}

/**
 * The record with what the job left as no change. A lockfile that was as recorded before the job is now as the CLI wrote
 * it; whoever puts it back has what the container was made from. The same record when there is nothing of that.
 */
export function withLeft(record: MadeFrom, { images, inputs }: Left): MadeFrom {
  const named =
    Object.keys(images).length > 0 ? { ...record, images: { ...record.images, ...images } } : record;
  const before = inputs.before.filter(isLockfile);
  const now = inputs.now.filter(isLockfile);
  const wasAsRecorded = isSame(before, record.inputs.filter(isLockfile));
  if (!wasAsRecorded || isSame(before, now)) return named;
  const { value, images: meant, inputs: all } = record;
  return {
    ...named,
    inputs: [...all.filter((input) => !isLockfile(input)), ...now],
    original: record.original ?? { value, inputs: all, images: meant },
  };
}

/** Whether it is what the CLI writes for itself about Features. */
export function isLockfile({ kind }: InputReading): boolean {
  return kind === 'lockfile';
}

function isSame(one: readonly InputReading[], other: readonly InputReading[]): boolean {
  const valuesOf = (inputs: readonly InputReading[]): unknown[] => inputs.map(({ values }) => values);
  return equal(valuesOf(one), valuesOf(other));
}
