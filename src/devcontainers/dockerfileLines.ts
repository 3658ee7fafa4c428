/** One instruction of a Dockerfile. */
export interface Instruction {
  /** Where it begins, from 1. */
  readonly line: number;
  /** On one line, with single spaces: as it can be compared with a build's log. */
  readonly text: string;
}

/** The instructions of a Dockerfile; here-documents stay as the lines they are. */
export function instructionsOf(dockerfile: string): Instruction[] {
  const escape = /^#[ \t]*escape[ \t]*=[ \t]*`/im.test(dockerfile.slice(0, 500)) ? '`' : '\\';
  const instructions: Instruction[] = [];
  let parts: string[] = [];
  let start = 0;
  dockerfile.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line.startsWith('#') || (line === '' && parts.length > 0)) return;
    if (line === '') return;
    if (parts.length === 0) start = index + 1;
    const continues = line.endsWith(escape);
    parts.push(continues ? line.slice(0, -1) : line);
    if (continues) return;
    instructions.push({ line: start, text: oneLine(parts.join(' ')) });
    parts = [];
  });
  if (parts.length > 0) instructions.push({ line: start, text: oneLine(parts.join(' ')) });
  return instructions;
}

/**
 * The line of an instruction as a log shows it.
 * @param occurrence which of several equal ones, from 0
 */
export function lineOfInstruction(dockerfile: string, shown: string, occurrence = 0): number | undefined {
  const wanted = normalised(shown);
  const equal = instructionsOf(dockerfile).filter(({ text }) => {
    const own = normalised(text);
    // The CLI names unnamed stages, so a FROM in the log may be longer than the one in the file.
    return own === wanted || (own.startsWith('FROM ') && wanted.startsWith(`${own} `));
  });
  return (equal[occurrence] ?? equal.at(-1))?.line;
}

function normalised(instruction: string): string {
  const text = oneLine(instruction);
  const space = text.indexOf(' ');
  return space < 0 ? text.toUpperCase() : text.slice(0, space).toUpperCase() + text.slice(space);
}

function oneLine(text: string): string {
  return text.trim().split(/\s+/).join(' ');
}
