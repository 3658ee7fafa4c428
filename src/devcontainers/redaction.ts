/** What stands in a log in place of a secret. */
export const mask = '********';

/** With this begins the step of a build whose rest is the whole configuration. */
export const METADATA_STEP = 'LABEL devcontainer.metadata=';

/** A command line as the CLI logs it, without the values of environment variables and build arguments. */
export function redactCommand(text: string): string {
  return new CommandRedactor().line(text);
}

/**
 * Masks the values of environment variables and build arguments in command lines, which the CLI logs joined by
 * spaces and unquoted. Where a value ends cannot be told, so it is masked up to the next option of the CLI's own,
 * even over several lines.
 */
export class CommandRedactor {
  #masking = false;

  /** A new command begins, or something else does. */
  reset(): void {
    this.#masking = false;
  }

  /** @returns the line as it may be shown; empty when it is nothing but a part of a value. */
  line(text: string): string {
    const words = text.split(' ');
    const kept: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? '';
      const glued = gluedOption(word);
      if (valueOptions.has(word)) {
        const [name, hasValue] = nameOf(words[at + 1] ?? '');
        kept.push(word, hasValue ? `${name}=${mask}` : name);
        this.#masking = hasValue;
        at++;
      } else if (glued !== undefined) {
        kept.push(`${glued}=${mask}`);
        this.#masking = true;
      } else {
        if (plainOptions.has(word)) this.#masking = false;
        if (!this.#masking) kept.push(word);
      }
    }
    return kept.join(' ');
  }
}

/** Whether a text of the CLI's inner talk is a dump of an environment or of a whole Compose configuration. */
export function isDump(text: string): boolean {
  if (text.includes('\0') || text.startsWith('userEnvProbe parsed:')) return true;
  if (/^(?:services|networks|volumes|version|name|secrets|configs):/m.test(text)) return true;
  if (text.startsWith('LifecycleCommandExecutionMap:')) return true;
  let assignments = 0;
  for (const line of text.split('\n')) if (/^[A-Za-z_][A-Za-z0-9_]{0,200}=/.test(line)) assignments++;
  return assignments >= 2;
}

/** Masks every given value wherever it stands; of a value of several lines, each. */
export class SecretMask {
  readonly #secrets: readonly string[];

  constructor(values: readonly string[]) {
    const parts = values.flatMap((value) => [value, ...value.split(/[\r\n]/).map((line) => line.trim())]);
    // The longest first: a secret that is a part of another would leave the rest of that one standing.
    this.#secrets = [...new Set(parts)].filter((part) => part !== '').sort((a, b) => b.length - a.length);
  }

  /** What is masked, the longest first. */
  get values(): readonly string[] {
    return this.#secrets;
  }

  hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets) {
      if (hidden.includes(secret)) hidden = hidden.split(secret).join(mask);
    }
    return hidden;
  }
}

/** The string values of a secrets file, `{"NAME": "value"}`. */
export function secretValues(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.values(json).filter((value): value is string => typeof value === 'string');
}

const valueOptions = new Set(['-e', '--env', '--build-arg', '--remote-env']);

/** Options that the CLI itself puts into its command lines; one of them ends a value. */
const plainOptions = new Set([
  ...['-w', '-u', '-l', '-f', '-t', '-a', '-v', '-p', '-i', '--label', '--mount', '--target', '--entrypoint'],
  ...[
    '--load',
    '--push',
    '--platform',
    '--build-context',
    '--cache-from',
    '--cache-to',
    '--no-cache',
    '--user',
  ],
  ...[
    '--gpus',
    '--init',
    '--privileged',
    '--cap-add',
    '--security-opt',
    '--volume',
    '--publish',
    '--workdir',
  ],
]);

function nameOf(assignment: string): [name: string, hasValue: boolean] {
  const at = assignment.indexOf('=');
  return at < 0 ? [assignment, false] : [assignment.slice(0, at), true];
}

/** `--env=NAME` of `--env=NAME=value`, `-eNAME` of `-eNAME=value`. */
function gluedOption(word: string): string | undefined {
  // The label holds the whole configuration, containerEnv and remoteEnv with it.
  if (word.startsWith('devcontainer.metadata=')) return 'devcontainer.metadata';
  const option = ['--env=', '--build-arg=', '--remote-env=', '-e'].find((start) => word.startsWith(start));
  if (option === undefined) return undefined;
  const at = word.indexOf('=', option.length);
  return at < 0 ? undefined : word.slice(0, at);
}
