/** One instruction of a Dockerfile. */
export interface Instruction {
  /** Where it begins, from 1. */
  readonly line: number;
  /** In capitals. */
  readonly keyword: string;
  /** What follows the keyword, on one line, spaces as they are. */
  readonly rest: string;
  /** On one line, with single spaces: as it can be compared with a build's log. */
  readonly text: string;
  /** Its here-documents with the lines that end them, exactly as they stand. */
  readonly heredocs: string;
}

/** A Dockerfile in parts; `#` comments are in none of them. */
export interface DockerfileParts {
  readonly directives: readonly { readonly line: number; readonly name: string; readonly value: string }[];
  /** What joins lines and takes their meaning from characters: `\`, unless a directive says so. */
  readonly escape: string;
  readonly instructions: readonly Instruction[];
}

/** Splits a Dockerfile as BuildKit does; whatever it holds, it never throws. */
export function dockerfileParts(dockerfile: string): DockerfileParts {
  const lines = dockerfile.replace(/^\uFEFF/, '').split('\n');
  const directives = directivesOf(lines);
  const escape = directives.find(({ name }) => name === 'escape')?.value === '`' ? '`' : '\\';
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    if (isSilent(lines[at])) at += 1;
    else {
      const head = joined(lines, at, escape);
      const end = heredocsEnd(lines, head, escape);
      const heredocs = lines.slice(head.next, end).join('\n');
      instructions.push({ line: at + 1, ...inParts(head.text), heredocs });
      at = end;
    }
  }
  return { directives, escape, instructions };
}

/**
 * The line of an instruction as a log shows it.
 * @param occurrence which of several equal ones, from 0
 */
export function lineOfInstruction(dockerfile: string, shown: string, occurrence = 0): number | undefined {
  const wanted = inParts(shown).text;
  const equal = dockerfileParts(dockerfile).instructions.filter(
    // The CLI names unnamed stages, so a FROM in the log may be longer than the one in the file.
    ({ text }) => text === wanted || (text.startsWith('FROM ') && wanted.startsWith(`${text} `)),
  );
  return (equal[occurrence] ?? equal.at(-1))?.line;
}

/** The words of an instruction, quotes and escapes as they stand: spaces within quotes part none. */
export function wordsOf(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === escape && quote !== "'") {
      word += char + text.charAt(++i);
    } else if (quote === '' && /\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      word += char;
    }
  }
  return word === '' ? words : [...words, word];
}

/** The name that ends the here-document which a word begins, and whether tabs before it are dropped. */
export function heredocOf(word: string): { readonly name: string; readonly isIndented: boolean } | undefined {
  const parts = /^\d*<<(-?)([^<]+)$/.exec(word);
  const name = parts?.[2]?.replace(/["']/g, '');
  return name ? { name, isIndented: parts?.[1] === '-' } : undefined;
}

function directivesOf(lines: readonly string[]): { line: number; name: string; value: string }[] {
  const found: { line: number; name: string; value: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const [, name = '', value = ''] =
      /^#[ \t]*(syntax|escape|check)[ \t]*=[ \t]*(\S.*)$/i.exec(line.trimEnd()) ?? [];
    if (name === '') break;
    found.push({ line: index + 1, name: name.toLowerCase(), value: value.trim() });
  }
  return found;
}

/** Says nothing, within an instruction too. */
function isSilent(line = ''): boolean {
  return /^\s*(#|$)/.test(line);
}

function joined(lines: readonly string[], from: number, escape: string): { text: string; next: number } {
  const parts: string[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isSilent(line)) continue;
    const trimmed = line.trimEnd();
    // An escape that is itself escaped joins nothing.
    const goesOn = trimmed.endsWith(escape) && !trimmed.endsWith(escape + escape);
    parts.push(goesOn ? trimmed.slice(0, -1) : trimmed);
    if (!goesOn) return { text: parts.join(''), next: at + 1 };
  }
  return { text: parts.join(''), next: at };
}

/** Index of the first line after the here-documents of an instruction. */
function heredocsEnd(lines: readonly string[], head: { text: string; next: number }, escape: string): number {
  if (!head.text.includes('<<') || !/^\s*(ONBUILD\s+)?(RUN|COPY|ADD)\s/i.test(head.text)) return head.next;
  let at = head.next;
  for (const word of wordsOf(head.text, escape)) {
    const heredoc = heredocOf(word);
    if (!heredoc) continue;
    const isEnd = (line: string): boolean =>
      (heredoc.isIndented ? line.replace(/^\t+/, '') : line).replace(/\r$/, '') === heredoc.name;
    while (at < lines.length && !isEnd(lines[at] ?? '')) at += 1;
    at += 1;
  }
  return Math.min(at, lines.length);
}

function inParts(instruction: string): { keyword: string; rest: string; text: string } {
  const text = instruction.trim();
  const keyword = (/^\S+/.exec(text)?.[0] ?? '').toUpperCase();
  const rest = text.slice(keyword.length).trim();
  return { keyword, rest, text: [keyword, ...rest.split(/\s+/)].join(' ').trim() };
}
