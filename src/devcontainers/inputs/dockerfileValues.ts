import { dockerfileParts, wordsOf, type Instruction } from '../dockerfileLines';

/** What counts of a Dockerfile: its instructions, each with the line where it begins. */
export interface DockerfileValues {
  readonly items: readonly string[];
  readonly lines: readonly number[];
}

/** The instructions of a Dockerfile without comments and formatting; directives for its reader are instructions too. */
export function dockerfileValues(dockerfile: string): DockerfileValues {
  const { directives, escape, instructions } = dockerfileParts(dockerfile);
  const all = [
    ...directives.map(({ line, name, value }) => ({ line, item: `# ${name}=${value}` })),
    ...instructions.map((instruction) => ({ line: instruction.line, item: itemOf(instruction, escape) })),
  ];
  return { items: all.map(({ item }) => item), lines: all.map(({ line }) => line) };
}

function itemOf({ keyword, rest, heredocs }: Instruction, escape: string): string {
  const head = normalised(keyword, rest, escape);
  return heredocs === '' ? head : `${head}\n${heredocs}`;
}

function normalised(keyword: string, rest: string, escape: string): string {
  if (keyword === 'ONBUILD' || keyword === 'HEALTHCHECK') {
    const [, options = '', inner = '', innerRest = ''] = /^((?:--\S+\s+)*)(\S+)\s*(.*)$/s.exec(rest) ?? [];
    return [keyword, ...wordsOf(options, escape), normalised(inner.toUpperCase(), innerRest, escape)].join(
      ' ',
    );
  }
  // In the old form, everything after the name is the value, spaces too.
  const old = keyword === 'ENV' ? /^([^\s=]+)\s+(.*)$/s.exec(rest) : undefined;
  if (old) return `${keyword} ${old[1] ?? ''} ${old[2] ?? ''}`;
  const { flags, args } = flagsOf(rest);
  const list = listOf(args);
  const words = list ? [`[${list.map((text) => JSON.stringify(text)).join(', ')}]`] : wordsOf(args, escape);
  if (keyword === 'FROM' && words[1]?.toUpperCase() === 'AS') words[1] = 'AS';
  return [keyword, ...flags, ...words].join(' ');
}

/** The flags before the arguments of an instruction, and these. */
export function flagsOf(rest: string): { flags: string[]; args: string } {
  const flags: string[] = [];
  let args = rest.trimStart();
  while (args.startsWith('--')) {
    const flag = /^(?:"[^"]*"|'[^']*'|\S)+/.exec(args)?.[0] ?? args;
    flags.push(flag);
    args = args.slice(flag.length).trimStart();
  }
  return { flags, args };
}

/** A flag as the builder takes it: quotes anywhere in it are none of its text. */
export function bare(flag: string): string {
  return flag.replace(/["']/g, '');
}

/** The strings of an instruction's JSON form; undefined when it has another. */
export function listOf(args: string): string[] | undefined {
  if (!args.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(args);
    const isList = Array.isArray(value) && value.every((item): item is string => typeof item === 'string');
    return isList ? value : undefined;
  } catch {
    return undefined;
  }
}
