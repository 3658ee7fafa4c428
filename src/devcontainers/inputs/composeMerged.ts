import { messageOf } from '../../common/errors';
import { isRecord } from '../../common/record';
import { isInside, relativeTo } from '../../core/identity';
import type { ConfigProblem } from '../../api';
import type { InputReading } from '../../core/ports';
import { realOrSame } from '../fileStamp';
import { SecretMask } from '../redaction';
import type { ComposeCommand } from './composeCommand';
import type { ComposeGraph } from './composeGraph';
import { refusedAt } from './composeRefusal';
import { limitModel } from './composeServices';
import type { ComposeSource } from './composeSource';
import { flatten, scalarText } from './composeValues';
import { parseCompose } from './composeYaml';
import { readEnvFile } from './envFile';
import { digestOf } from './hashedFiles';
import type { InputGround } from './part';

const property = ['dockerComposeFile'];

type LookUp = (name: string) => string | undefined;

/** What goes into the fingerprint, so that a new way of working values out does not take over old ones. */
const method = 1;
/** Words that Compose itself puts into the model. */
const composeWords = new Set(['service_started', 'true', 'false', 'null', 'rw']);

/**
 * The model that the compose command merges, without what no service that counts uses. The command runs only where
 * the workspace is trusted and something changed since the earlier reading; undefined where it cannot run.
 */
export async function composeMerged(
  source: ComposeSource,
  graph: ComposeGraph,
  lookUp: LookUp,
  ground: InputGround,
  command: ComposeCommand | undefined,
): Promise<InputReading | undefined> {
  const [file] = source.files;
  if (file === undefined || graph.files.some(({ parsed }) => !parsed || 'problem' in parsed))
    return undefined;
  const input = relativeTo(file, ground.workspaceFolder);
  const { fingerprint, modifiedAt } = await fingerprintOf(source, graph, lookUp, ground);
  const known = ground.known('compose', input, fingerprint);
  if (known) return { ...known, file, modifiedAt };
  if (!ground.isTrusted || !command) return undefined;
  const answer = await command.config(source, ground.env, ground.workspaceFolder);
  if (!answer) return undefined;
  const base = { kind: 'compose', input, file, modifiedAt } as const;
  const fail = (problem: ConfigProblem, isLasting: boolean): InputReading => ({
    ...base,
    values: {},
    ...(isLasting ? { fingerprint } : {}),
    problem: { ...problem, property },
  });
  if (answer.status === 'failed') {
    const missing = await missingEnvFile(graph, ground);
    if (missing) return fail(missing, answer.isLasting);
    const reason = withoutSecrets(answer.reason, graph, lookUp);
    // Which file it is, its place says.
    const fault = reason.replace(/^The Compose file '[^']*' is invalid because: /, '');
    const message = `\`${answer.name} config\` failed: ${fault}`;
    // What ended it is no fault of the files.
    const place = answer.isLasting ? refusedAt(answer.reason, graph.files) : undefined;
    return fail({ message, ...place }, answer.isLasting);
  }
  const parsed = await parseCompose(answer.text);
  if ('problem' in parsed)
    return fail({ message: `The answer of Compose cannot be read. ${parsed.problem.message}` }, true);
  const shown = await showing(graph, ground);
  try {
    const { values } = flatten(mapScalars(limitModel(parsed.model, graph.services), shown, 0));
    return { ...base, values, fingerprint };
  } catch (error) {
    return fail({ message: messageOf(error) }, true);
  }
}

/** The problem of the first env file that should be there and is not, in the words in which it is told by itself. */
async function missingEnvFile(
  { envFiles }: ComposeGraph,
  ground: InputGround,
): Promise<ConfigProblem | undefined> {
  for (const [file, { isRequired, namedAt }] of envFiles) {
    const { problem } = await readEnvFile(file, { property, namedAt }, ground);
    if (isRequired && problem?.isMissing) return problem;
  }
  return undefined;
}

/** A digest over all that the command's answer depends on. */
async function fingerprintOf(
  source: ComposeSource,
  graph: ComposeGraph,
  lookUp: LookUp,
  ground: InputGround,
): Promise<{ fingerprint: string; modifiedAt: number }> {
  const files = [...graph.files.map(({ file }) => file), ...graph.envFiles.keys(), ...source.dotEnvs];
  const contents = await Promise.all(
    [...new Set(files)].map(async (file) => [file, await ground.files.text(file)] as const),
  );
  const digests = contents.map(([file, content]) => [
    file,
    content.status === 'ok' ? content.digest : content.status,
  ]);
  const composes = Object.keys(ground.env).filter((name) => name.startsWith('COMPOSE_'));
  const variables = [...new Set([...graph.variables, ...composes])]
    .sort()
    .map((name) => [name, lookUp(name) ?? null]);
  const all = [
    method,
    ground.workspaceFolder,
    source.files,
    source.envFile,
    [...graph.services].sort(),
    digests,
    variables,
  ];
  const modifiedAt = Math.max(
    0,
    ...contents.map(([, content]) => (content.status === 'ok' ? content.modifiedAt : 0)),
  );
  return { fingerprint: digestOf(JSON.stringify(all)), modifiedAt };
}

/** How a scalar may be kept: as it is where one of the files says so, else, since it may be a secret, as a digest. */
async function showing(graph: ComposeGraph, ground: InputGround): Promise<(text: string) => string> {
  const texts = graph.files.map(({ content }) => (content.status === 'ok' ? (content.text ?? '') : ''));
  const folders = [ground.workspaceFolder, await realOrSame(ground.workspaceFolder)];
  return (scalar) => {
    const text = relativePath(scalar, folders);
    const isLiteral =
      composeWords.has(text) || text === '' || texts.some((written) => written.includes(text));
    return isLiteral ? text : digestOf(text);
  };
}

/** A path in the workspace, or a mount of one, from the workspace on: the folder may move. */
function relativePath(scalar: string, folders: readonly string[]): string {
  for (const folder of folders) {
    if (!scalar.startsWith(folder)) continue;
    const [path = '', ...rest] = scalar.split(/:(?![\\/])|:(?=\/)/);
    if (isInside(path, folder)) return ['.' + scalar.slice(folder.length, path.length), ...rest].join(':');
  }
  return scalar;
}

function mapScalars(value: unknown, map: (text: string) => string, depth: number): unknown {
  // Deeper than any real model; what is below is refused by depth when it is flattened.
  if (depth > 110) return value;
  if (Array.isArray(value)) return value.map((item) => mapScalars(item, map, depth + 1));
  if (!isRecord(value)) return map(scalarText(value));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapScalars(inner, map, depth + 1)]),
  );
}

function withoutSecrets(message: string, graph: ComposeGraph, lookUp: LookUp): string {
  const values = [...graph.variables].map((name) => lookUp(name) ?? '').filter((value) => value.length >= 4);
  return new SecretMask(values).hide(message);
}
