import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How many tests of a suite went which way. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Nothing ran. */
export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

/** The sum of two suites. */
export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** Writes the counts where `scripts/test.mjs` looks for them. */
export async function writeCounts(file: string, counts: Counts): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(counts));
}
