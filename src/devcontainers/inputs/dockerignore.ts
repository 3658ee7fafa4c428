import { posix } from 'node:path';
import { grouped } from '../../common/grouped';
import { globOf, type Glob } from './glob';

/** Each path is held against each pattern: more of them, or longer ones, are not meant by a person. */
const maxPatterns = 5_000;
const maxLength = 1_000;

interface Rule {
  readonly pattern: string;
  readonly isException: boolean;
  readonly matches: Glob;
}

/** What the rules said of a folder; its contents are judged with it. */
export interface FolderVerdict {
  readonly isIgnored: boolean;
  /** Something within may be taken all the same. */
  readonly mayHoldMore: boolean;
  /** The rules that meant it or a folder above: they mean what is in it, too. */
  readonly met: readonly boolean[];
}

/** The rules of a .dockerignore file, read as BuildKit does: upper and lower case differ, the last that fits counts. */
export class DockerIgnore {
  readonly #rules: readonly Rule[];
  readonly root: FolderVerdict;
  /** Why the rules cannot all be followed, after "has an ignore file"; it then has none, for some would mislead. */
  readonly excess: string | undefined;

  constructor(text: string) {
    const lines = linesOf(text);
    this.excess = excessOf(lines);
    this.#rules = this.excess === undefined ? lines.flatMap(ruleOf) : [];
    this.root = { isIgnored: false, mayHoldMore: true, met: this.#rules.map(() => false) };
  }

  /** Whether a file is left out, given what was said of the folder that holds it. */
  isIgnored(path: string, within: FolderVerdict): boolean {
    for (let i = this.#rules.length - 1; i >= 0; i--) {
      const rule = this.#rules[i];
      if (rule && (within.met[i] === true || rule.matches(path))) return !rule.isException;
    }
    return false;
  }

  folder(path: string, within: FolderVerdict): FolderVerdict {
    const met = this.#rules.map((rule, i) => within.met[i] === true || rule.matches(path));
    const decisive = met.lastIndexOf(true);
    const isIgnored = decisive >= 0 && this.#rules[decisive]?.isException === false;
    const mayHoldMore =
      !isIgnored ||
      this.#rules.some((rule, i) => i > decisive && rule.isException && reachesInto(rule.pattern, path));
    return { isIgnored, mayHoldMore, met };
  }
}

function linesOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.filter((line) => !line.startsWith('#') && line.trim() !== '');
}

function excessOf(lines: readonly string[]): string | undefined {
  if (lines.length > maxPatterns) return `with more than ${grouped(maxPatterns)} patterns`;
  return lines.some((line) => line.length > maxLength)
    ? `with a pattern of more than ${grouped(maxLength)} characters`
    : undefined;
}

function ruleOf(line: string): Rule[] {
  const isException = line.trim().startsWith('!');
  const pattern = cleaned(line.trim().slice(isException ? 1 : 0));
  const matches = pattern === '' ? undefined : globOf(pattern, true);
  return matches ? [{ pattern, isException, matches }] : [];
}

function cleaned(pattern: string): string {
  const clean = pattern.trim() === '' ? '' : posix.normalize(pattern.trim()).replace(/(?<=.)\/$/, '');
  return clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
}

/** Whether a pattern may mean something below a folder. */
function reachesInto(pattern: string, folder: string): boolean {
  const names = pattern.split('/');
  const above = folder.split('/');
  for (const [i, name] of names.entries()) {
    if (name.includes('**') || i === above.length) return true;
    if (globOf(name, false)?.(above[i] ?? '') !== true) return false;
  }
  return false;
}
