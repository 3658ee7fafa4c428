import { countOf, type Layout } from './order';

/**
 * So many rows are shown on a level at most: nobody reads more, and the editor makes, sends and keeps every row of a
 * level in one go, which holds up all extensions of the window. The filter finds the others.
 */
export const ROWS_A_LEVEL = 250;

/** The first rows of a level, and how many items the rows after them hold. */
export function firstRows<T>(rows: readonly Layout<T>[]): { shown: readonly Layout<T>[]; hidden: number } {
  if (rows.length <= ROWS_A_LEVEL) return { shown: rows, hidden: 0 };
  return { shown: rows.slice(0, ROWS_A_LEVEL), hidden: countOf(rows.slice(ROWS_A_LEVEL)) };
}

/** How the sections of a view stand when they appear; from then on it is up to the user. */
export type Appearance = 'open' | 'closed' | 'found';

/** Of a view with more items than a level shows, sections are closed, except those that a filter has found. */
export function appearanceOf(rows: readonly Layout<unknown>[], total: number): Appearance {
  if (total <= ROWS_A_LEVEL) return 'open';
  return countOf(rows) > ROWS_A_LEVEL ? 'closed' : 'found';
}

/** Which rows there are, in what order; as long as it stays the same, single rows can be redrawn. */
export function shapeOf<T extends { readonly key: string }>(rows: readonly Layout<T>[]): string {
  const { shown, hidden } = firstRows(rows);
  return [
    ...shown.map((row) => (row.kind === 'item' ? row.item.key : `${row.key}(${shapeOf(row.children)})`)),
    `+${hidden}`,
  ].join('\n');
}
