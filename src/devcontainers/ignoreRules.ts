import { relative, sep } from 'node:path';
import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { readBounded } from './boundedRead';

/** The rules of one folder and of those above it, innermost first. */
export interface IgnoreRules {
  readonly base: string;
  readonly matcher: Ignore;
  readonly outer: IgnoreRules | undefined;
}

const maxBytes = 256 * 1024;
/** Each star makes the pattern's regex slower by a power: what has more is not meant for a human. */
const maxStars = 6;
const maxPatternLength = 500;

/** Adds the rules that stand in a folder, `.gitignore` and `.git/info/exclude`, to those of the folders above. */
export async function rulesWithin(
  folder: string,
  has: { readonly gitignore: boolean; readonly git: boolean },
  outer: IgnoreRules | undefined,
): Promise<IgnoreRules | undefined> {
  const sources: string[] = [];
  if (has.git) sources.push(`${folder}${sep}.git${sep}info${sep}exclude`);
  if (has.gitignore) sources.push(`${folder}${sep}.gitignore`);
  const matcher = ignore();
  let any = false;
  for (const source of sources) {
    // A link would let a repository test what stands in other files.
    const reading = await readBounded(source, maxBytes, () => false);
    if (reading.status !== 'ok') continue;
    matcher.add(linesOf(reading.bytes.toString('utf8')));
    any = true;
  }
  return any ? { base: folder, matcher, outer } : outer;
}

/** Whether the path is ignored, provided that none of the folders above it is. */
export function isIgnored(rules: IgnoreRules | undefined, path: string, isFolder: boolean): boolean {
  return verdictOn(rules, path, isFolder).ignored;
}

/**
 * The rules that count within a folder that is not ignored: once an inner .gitignore has taken a folder back, the
 * outer ones, which would still ignore it, are silent below.
 */
export function rulesBelow(rules: IgnoreRules | undefined, folder: string): IgnoreRules | undefined {
  const { by } = verdictOn(rules, folder, true);
  return by ? cutAbove(rules, by) : rules;
}

/** The innermost rule decides; `by` is where a negative one stands. */
function verdictOn(
  rules: IgnoreRules | undefined,
  path: string,
  isFolder: boolean,
): { ignored: boolean; by?: IgnoreRules } {
  for (let level = rules; level; level = level.outer) {
    const inside = relative(level.base, path).split(sep).join('/');
    const verdict = level.matcher.test(isFolder ? `${inside}/` : inside);
    if (verdict.ignored) return { ignored: true };
    if (verdict.unignored) return { ignored: false, by: level };
  }
  return { ignored: false };
}

function cutAbove(rules: IgnoreRules | undefined, last: IgnoreRules): IgnoreRules | undefined {
  if (!rules) return undefined;
  return { ...rules, outer: rules === last ? undefined : cutAbove(rules.outer, last) };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace('\r', ''))
    .filter((line) => line.length <= maxPatternLength && line.split('*').length - 1 <= maxStars);
}
