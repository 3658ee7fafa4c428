import { basename } from 'node:path';
import type { CliFailure } from '../core/ports';
import { lineOfInstruction } from './dockerfileLines';
import { placesIn } from './jsonc';

/** All that is known about a run of the CLI that failed. */
export interface FailureClues {
  /** The log's last lines, plain text. */
  readonly lines: readonly string[];
  /** The build's steps in order as the classic builder shows them: `RUN x`. */
  readonly steps: readonly string[];
  /** `message` and `description` of the CLI's answer, if it gave one. */
  readonly message?: string | undefined;
  readonly description?: string | undefined;
  readonly exitCode?: number | undefined;
  /** The signal that ended the CLI. */
  readonly signal?: string | undefined;
  readonly configFile: string;
  readonly configText?: string | undefined;
  readonly dockerfile?: { readonly path: string; readonly text: string } | undefined;
}

/** Says in one line why the CLI failed, and which line of which file is to blame as far as the log tells. */
export function explainFailure(clues: FailureClues): CliFailure {
  return (
    explainHook(clues) ??
    explainMissingDockerfile(clues) ??
    explainPull(clues) ??
    explainSharing(clues) ??
    explainRun(clues) ??
    explainBuild(clues) ??
    explainOther(clues)
  );
}

function explainHook(clues: FailureClues): CliFailure | undefined {
  const description = clues.description ?? '';
  const match =
    /^(?:([^\n]{1,200}) of )?([A-Za-z]{1,40}Command) from (devcontainer\.json|Feature '[^'\n]{1,200}') failed\.$/.exec(
      description,
    ) ?? /^()The (initializeCommand) in the (devcontainer\.json) failed\.$/.exec(description);
  if (!match) return undefined;
  const [, part, hook = '', origin = ''] = match;
  const name = part ? `${part} of ${hook}` : hook;
  const from = origin === 'devcontainer.json' ? '' : ` from ${origin}`;
  const exitLine = findLast(clues.lines, /failed with exit code (\d{1,3})\. Skipping/);
  const exit = exitLine ? `, exit ${exitLine[1] ?? ''}` : '';
  const command = /^Command failed: (?:\/bin\/sh -l?c )?([^]{1,10000})$/.exec(clues.message ?? '')?.[1];
  return {
    kind: 'lifecycle',
    message: `${name}${from} failed${exit}.`,
    ...(command === undefined ? {} : { command: cut(oneLine(command), 500) }),
    ...(exitLine ? { exitCode: Number(exitLine[1]) } : {}),
    ...(from === '' ? placeInConfig(clues, [hook, ...(part ? [part] : [])]) : {}),
  };
}

function explainMissingDockerfile(clues: FailureClues): CliFailure | undefined {
  const match = /^ENOENT: no such file or directory, open '([^'\n]{1,4096})'$/.exec(clues.message ?? '');
  const missing = match?.[1];
  if (missing === undefined || missing !== clues.dockerfile?.path) return undefined;
  const place = placeInConfig(clues, ['build', 'dockerfile']);
  return {
    kind: 'build',
    message: `The Dockerfile ${missing} does not exist.`,
    ...(place.line !== undefined ? place : placeInConfig(clues, ['dockerFile'])),
  };
}

function explainPull(clues: FailureClues): CliFailure | undefined {
  const match = /^Command failed: \S{1,4096} pull (\S{1,500})$/.exec(clues.message ?? '');
  const image = match?.[1];
  if (image === undefined) return undefined;
  const reason = daemonReason(clues.lines, (text) => !/no such image/i.test(text));
  return {
    kind: 'build',
    message: ended(`The image ${image} is not here and could not be pulled${reason ? `: ${reason}` : ''}`),
    ...placeOfInstruction(clues, `FROM ${image}`, 0),
    ...placeInConfig(clues, ['image']),
  };
}

/** Compose looks for a container that a service shares with before all else: by then the one to replace is gone. */
function explainSharing(clues: FailureClues): CliFailure | undefined {
  const [, service = '', what = '', container = ''] =
    findLast(
      clues.lines,
      /Service '(.{1,100}?)' uses the (.{1,30}?) of container '(.{1,200}?)' which does not exist/,
    ) ?? [];
  const property = SHARING[what];
  if (property === undefined || !clues.message?.includes('--project-name')) return undefined;
  const why = `service ${service} uses the ${what} of container ${container}, which does not exist`;
  const wayOut = `The container of a service is made anew, so share with the service (${property}: "service:NAME"); another container has to be there first.`;
  return { kind: isComposeUp(clues) ? 'run' : 'build', message: `Compose cannot go on: ${why}. ${wayOut}` };
}

const SHARING: Readonly<Record<string, string>> = {
  'network stack': 'network_mode',
  'PID namespace': 'pid',
  'IPC namespace': 'ipc',
};

function isComposeUp({ message = '' }: FailureClues): boolean {
  return message.includes('--project-name') && / up -d(?: |$)/.test(message);
}

function explainRun(clues: FailureClues): CliFailure | undefined {
  if (!clues.message?.includes(' run --sig-proxy=false ') && !isComposeUp(clues)) return undefined;
  const port = findLast(clues.lines, /(?:port is already allocated|address already in use)/);
  const number = port && /(?:Bind for |listen (?:tcp|udp)[46]? )\S{0,100}:(\d{1,5})\b/.exec(port.input);
  if (number) {
    return { kind: 'run', message: `Port ${number[1] ?? ''} of the host is already in use.` };
  }
  const reason = daemonReason(clues.lines) ?? usageError(clues.lines);
  return { kind: 'run', message: ended(`The container could not be started${reason ? `: ${reason}` : ''}`) };
}

function explainBuild(clues: FailureClues): CliFailure | undefined {
  const { message = '', description = '' } = clues;
  const isBuild = /^Command failed: .* build(?: |$)/.test(message) || description.includes('building');
  if (!isBuild) return undefined;
  const { instruction, occurrence } = failingInstruction(clues);
  const place = instruction === undefined ? {} : placeOfInstruction(clues, instruction, occurrence);
  const shown = instruction === undefined ? '' : cut(instruction.split(/\s+/).join(' '), 120);
  const where =
    place.file !== undefined && place.line !== undefined
      ? ` at ${basename(place.file)} line ${place.line} (${shown})`
      : shown && ` at ${shown}`;
  const code = exitCodeOfStep(clues.lines);
  const reason = code === undefined ? buildReason(clues.lines) : undefined;
  const why = code === undefined ? (reason ? `: ${reason}` : '') : `, exit code ${code}`;
  return {
    kind: 'build',
    message: ended(`The build failed${where}${why}`),
    ...place,
    ...(instruction === undefined ? {} : { command: cut(oneLine(instruction), 500) }),
    ...(code === undefined ? {} : { exitCode: code }),
  };
}

function explainOther(clues: FailureClues): CliFailure {
  const { message = '', description = '' } = clues;
  // The CLI often says the same twice.
  const said = oneLine(message.includes(description) ? message : `${description} ${message}`.trim());
  if (said !== '') return { kind: 'other', message: cut(said, 500) };
  const by = clues.signal === undefined ? '' : ` by ${clues.signal}`;
  const code = clues.exitCode === undefined ? by : ` with exit code ${clues.exitCode}`;
  const last = clues.lines.findLast((line) => line.trim() !== '');
  const end = last === undefined ? '' : ` Its last line: ${cut(oneLine(last), 300)}`;
  return { kind: 'other', message: `The Dev Containers CLI ended${code} and gave no result.${end}` };
}

function failingInstruction(clues: FailureClues): { instruction: string | undefined; occurrence: number } {
  // BuildKit: " > [stage 2/4] RUN x:" heads the output of the step that failed.
  const buildKit = findLast(clues.lines, /^ ?> \[[^\]]{1,200}\] (.{1,2000}?):?$/);
  if (buildKit) return { instruction: buildKit[1], occurrence: 0 };
  const unknown = findLast(clues.lines, /parse error .{0,50}unknown instruction: (\S{1,200})/);
  if (unknown) return { instruction: startingWith(clues.dockerfile?.text, unknown[1] ?? ''), occurrence: 0 };
  const instruction = clues.steps.at(-1);
  const before = clues.steps.slice(0, -1).filter((step) => step === instruction).length;
  return { instruction, occurrence: before };
}

function startingWith(dockerfile: string | undefined, word: string): string | undefined {
  const lines = (dockerfile ?? '').split('\n').map((line) => line.trim());
  return lines.find((line) => line.split(/\s/, 1)[0]?.toUpperCase() === word.toUpperCase());
}

function exitCodeOfStep(lines: readonly string[]): number | undefined {
  const match =
    findLast(lines, /returned a non-zero code: (\d{1,3})/) ??
    findLast(lines, /did not complete successfully: exit code: (\d{1,3})/) ??
    findLast(
      lines,
      /^(?:Error: )?building at STEP ".{0,2000}": while running runtime: exit status (\d{1,3})/,
    );
  return match ? Number(match[1]) : undefined;
}

function buildReason(lines: readonly string[]): string | undefined {
  const match =
    findLast(lines, /^(?:COPY|ADD) failed: (.{1,500})/) ??
    findLast(lines, /^(?:ERROR: )?failed to solve: (.{1,500})/) ??
    findLast(lines, /^(?:Error: )?building at STEP ".{0,2000}?": (.{1,500})/) ??
    findLast(lines, /dockerfile parse error .{0,50}?: (.{1,500})/);
  return match?.[1] ?? daemonReason(lines);
}

function daemonReason(
  lines: readonly string[],
  accept: (text: string) => boolean = () => true,
): string | undefined {
  for (const line of [...lines].reverse()) {
    const match = /Error response from daemon: (.{1,500})/.exec(line);
    if (match?.[1] !== undefined && accept(match[1])) return match[1];
  }
  return undefined;
}

/** What docker says above its hint at the help when it does not like its arguments. */
function usageError(lines: readonly string[]): string | undefined {
  const hint = lines.findLastIndex((line) => line.includes("docker run --help'"));
  const said = lines
    .slice(Math.max(0, hint - 5), Math.max(0, hint))
    .findLast((line) => line.trim() !== '' && !line.startsWith('Usage:'));
  return said === undefined ? undefined : cut(oneLine(said.replace(/^docker: /, '')), 300);
}

function findLast(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of [...lines].reverse()) {
    const match = pattern.exec(line.slice(0, 4000));
    if (match) return match;
  }
  return undefined;
}

interface Place {
  readonly file?: string;
  readonly line?: number;
}

function placeInConfig(clues: FailureClues, property: readonly string[]): Place {
  const line = clues.configText === undefined ? undefined : placesIn(clues.configText)(property)?.line;
  return line === undefined ? {} : { file: clues.configFile, line };
}

function placeOfInstruction(clues: FailureClues, instruction: string, occurrence: number): Place {
  if (!clues.dockerfile) return {};
  const line = lineOfInstruction(clues.dockerfile.text, instruction, occurrence);
  return line === undefined ? {} : { file: clues.dockerfile.path, line };
}

function oneLine(text: string): string {
  return text.split(/\s+/).join(' ').trim();
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
