import { dirname, resolve } from 'node:path';
import type { CliFailure, CliRequest } from '../core/ports';
import { readBounded } from './boundedRead';
import { explainFailure } from './buildFailure';
import type { CliAnswer } from './cliResult';
import type { ProcessExit } from './cliProcess';
import { parseJsonc } from './jsonc';
import { lineAfterCut } from './logLimit';
import type { Cut } from './logLimit';
import type { LogMemory } from './logMemory';
import { redactCommand } from './redaction';
import type { SecretMask } from './redaction';

/** How a run of the CLI ended. */
export interface RunEnd {
  readonly answer: CliAnswer | undefined;
  readonly exit: ProcessExit;
  readonly memory: LogMemory;
  readonly cut: Cut | undefined;
}

/** Outcome and, after a failure, the reason in one line and the place in a file that it points at. */
export async function explainRun(
  request: CliRequest,
  { answer, exit, memory, cut }: RunEnd,
  secrets: SecretMask,
): Promise<{ outcome?: 'success' | 'error'; message?: string; failure?: CliFailure }> {
  if (answer?.outcome === 'success') return { outcome: 'success' };
  const configText = await textOf(request.configFile);
  const failure = explainFailure({
    lines: memory.recent(),
    steps: memory.steps(),
    message: answer?.message === undefined ? undefined : redactCommand(answer.message),
    description: answer?.description,
    exitCode: exit.code,
    signal: exit.signal,
    configFile: request.configFile,
    configText,
    dockerfile: await dockerfileOf(request.configFile, configText),
  });
  const message = secrets.hide(failure.message);
  const logLine = lineAfterCut(memory.placeOf(...SHOWS[failure.kind]), cut);
  return {
    ...(answer ? { outcome: answer.outcome } : {}),
    message,
    failure: {
      ...failure,
      message,
      ...(failure.command === undefined ? {} : { command: secrets.hide(failure.command) }),
      ...(logLine === undefined ? {} : { logLine }),
    },
  };
}

const SHARING = /^Service '.{1,200}' uses the .{1,200} which does not exist/;

/** The lines in which people see a failure of each kind, the telling ones first; of others the log's last. */
const SHOWS = {
  lifecycle: [/failed with exit code \d{1,3}\. Skipping/, /^Error: Command failed: /],
  build: [
    /returned a non-zero code: |did not complete successfully|^(?:Error: )?building at STEP /,
    SHARING,
    /failed to solve: |^(?:COPY|ADD) failed: |Error response from daemon: /,
  ],
  run: [
    SHARING,
    /Error response from daemon: |docker run --help'|port is already allocated|address already in use/,
  ],
  other: [/\S/],
} as const;

/** The Dockerfile that a configuration names, with its text if it can be read. */
async function dockerfileOf(
  configFile: string,
  configText: string | undefined,
): Promise<{ path: string; text: string } | undefined> {
  if (configText === undefined) return undefined;
  const parsed = parseJsonc(configText);
  if ('problem' in parsed) return undefined;
  const name =
    property(property(parsed.value, 'build'), 'dockerfile') ?? property(parsed.value, 'dockerFile');
  if (typeof name !== 'string') return undefined;
  const path = resolve(dirname(configFile), name);
  return { path, text: (await textOf(path)) ?? '' };
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

async function textOf(path: string): Promise<string | undefined> {
  // The CLI has just read the same file, wherever a link in it may lead.
  const reading = await readBounded(path, 1024 * 1024, () => true);
  return reading.status === 'ok' ? reading.bytes.toString('utf8').replace(/^\uFEFF/, '') : undefined;
}
