/** What `runArgs` ask of `docker run`, as far as it can be read back from a container. */
import type { PortFacts } from './containerDetails';

export interface RunOption {
  readonly name: ReadableOption;
  readonly value: string;
  /** The arguments as they stand, for people. */
  readonly text: string;
}

export interface RunOptions {
  readonly options: readonly RunOption[];
  /** Nothing else is asked for. */
  readonly isWhole: boolean;
}

export type ReadableOption = keyof typeof OPTIONS;

/** Reads the arguments; of an option that counts once, the last. */
export function readRunArgs(args: readonly string[]): RunOptions {
  const options: RunOption[] = [];
  let isWhole = true;
  for (let at = 0; at < args.length;) {
    const { option, length } = optionAt(args, at);
    if (option) options.push(option);
    else isWhole = false;
    at += length;
  }
  const last = new Map(options.map((option) => [option.name, option]));
  return {
    options: options.filter((option) => OPTIONS[option.name] !== 'once' || last.get(option.name) === option),
    isWhole,
  };
}

/** How often an option counts; a flag has no value of its own. */
const OPTIONS = {
  env: 'each',
  volume: 'each',
  mount: 'each',
  publish: 'each',
  network: 'each',
  'cap-add': 'each',
  'security-opt': 'each',
  device: 'each',
  'shm-size': 'once',
  memory: 'once',
  cpus: 'once',
  hostname: 'once',
  user: 'once',
  name: 'once',
  privileged: 'flag',
  init: 'flag',
} as const;

const OTHER_NAMES: Readonly<Record<string, ReadableOption>> = {
  '-e': 'env',
  '-v': 'volume',
  '-p': 'publish',
  '-m': 'memory',
  '-h': 'hostname',
  '-u': 'user',
  '--net': 'network',
};

/** The option that begins at this argument, and how many arguments it takes. */
function optionAt(args: readonly string[], at: number): { option?: RunOption; length: number } {
  const argument = args[at] ?? '';
  const next = args[at + 1];
  const [, word = argument, attached] =
    /^(--[^=]+)=([^]*)$/.exec(argument) ?? /^(-[a-zA-Z])=?([^]+)$/.exec(argument) ?? [];
  const name = nameOf(word);
  if (name === undefined) {
    // How many values an option has that we don't know, nobody can say; what looks like a value is one.
    const hasValue = attached === undefined && next !== undefined && !next.startsWith('-');
    return { length: hasValue ? 2 : 1 };
  }
  if (OPTIONS[name] === 'flag')
    return { option: { name, value: attached ?? 'true', text: argument }, length: 1 };
  if (attached !== undefined) return { option: { name, value: attached, text: argument }, length: 1 };
  if (next === undefined) return { length: 1 };
  return { option: { name, value: next, text: `${argument} ${next}` }, length: 2 };
}

function nameOf(word: string): ReadableOption | undefined {
  if (Object.hasOwn(OTHER_NAMES, word)) return OTHER_NAMES[word];
  const long = word.startsWith('--') ? word.slice(2) : '';
  return Object.hasOwn(OPTIONS, long) ? (long as ReadableOption) : undefined;
}

/** @param wish `[[address:]port:]port[/protocol]`; a number is that port on both sides. */
export function readPort(wish: string | number): PortFacts | undefined {
  const text = typeof wish === 'number' ? `${wish}:${wish}` : wish;
  const form = /^(?:(?:(\d+\.\d+\.\d+\.\d+):)?(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/;
  const [, hostIp, hostPort, containerPort, protocol = 'tcp'] = form.exec(text) ?? [];
  if (containerPort === undefined) return undefined;
  return {
    containerPort: Number(containerPort),
    protocol,
    ...(hostPort ? { hostPort: Number(hostPort) } : {}),
    ...(hostIp === undefined ? {} : { hostIp }),
  };
}

/** `512m`, `1.5gb`: binary multiples, as engines read them. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.floor(Number(number) * 1024 ** ' kmgtp'.indexOf(unit.toLowerCase() || ' '));
}
