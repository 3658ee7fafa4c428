/** One measured figure; `ratio` is value / baseline, both from the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
  /** How many runs or samples stand behind it. */
  readonly n: number;
  /** What the figure may be at most; the ratio's bound where `boundOf` says so. */
  readonly bound: number;
  readonly boundOf: 'value' | 'ratio';
}

/** A figure with its ratio worked out. */
export function figure(part: Omit<Figure, 'ratio' | 'baseline'> & { readonly baseline?: number }): Figure {
  const baseline = part.baseline ?? null;
  return {
    ...part,
    baseline,
    ratio: baseline === null || baseline === 0 ? null : round(part.value / baseline),
  };
}

/** The value below which a share of the samples lie: nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function isWithinBound({ value, ratio, bound, boundOf }: Figure): boolean {
  return (boundOf === 'value' ? value : (ratio ?? Number.POSITIVE_INFINITY)) <= bound;
}

/** The figures as a table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((f) => [
    f.name,
    `${round(f.value)} ${f.unit}`,
    f.baseline === null ? '' : `${round(f.baseline)} ${f.unit}`,
    f.ratio === null ? '' : `${f.ratio}`,
    `${f.n}`,
    `${f.boundOf} ≤ ${f.bound}`,
    isWithinBound(f) ? 'yes' : 'NO',
  ]);
  const all = [['figure', 'value', 'baseline', 'ratio', 'n', 'bound', 'holds'], ...rows];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0))) ?? [];
  return all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n');
}
