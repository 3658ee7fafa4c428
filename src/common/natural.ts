/** The order of names as people expect it: `web-9` before `web-10`, whatever the case. */
export interface NaturalKey {
  /** In lower case, with digits that are padded. */
  readonly text: string;
  /** The place of each character in the collator's order; undefined where only the collator knows it. */
  readonly ranks: string | undefined;
}

/** What a text is compared by; worked out once for each, since thousands are compared many times. */
export function naturalKey(name: string): NaturalKey {
  const text = name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0'));
  return { text, ranks: ranksOf(text) };
}

/** Compares two keys as the English collator does: of plain texts, as engines' names are, at a tenth of its price. */
export function compareNatural(a: NaturalKey, b: NaturalKey): number {
  if (a.ranks === undefined || b.ranks === undefined) return byCollator(a.text, b.text);
  if (a.ranks === b.ranks) return 0;
  return a.ranks < b.ranks ? -1 : 1;
}

/**
 * Printable ASCII without capitals in the collator's order: each of these has a weight of its own, so that the first
 * difference decides. Source: the root collation of Unicode's CLDR.
 */
const PLAIN = ' _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz';
const rankOf = new Map(
  Array.from(PLAIN).map((character, rank) => [character, String.fromCharCode(0x20 + rank)]),
);

let compareByCollator: Intl.Collator['compare'] | undefined;

/** A collator takes 10 to 25 ms to make: only once there is a name that needs it. */
function byCollator(a: string, b: string): number {
  compareByCollator ??= new Intl.Collator('en').compare;
  return compareByCollator(a, b);
}

function ranksOf(text: string): string | undefined {
  let ranks = '';
  for (const character of text) {
    const rank = rankOf.get(character);
    if (rank === undefined) return undefined;
    ranks += rank;
  }
  return ranks;
}
