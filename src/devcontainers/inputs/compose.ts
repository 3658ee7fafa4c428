import { dirname, resolve } from 'node:path';
import { own } from '../../common/record';
import type { BaseImage } from '../../core/imagePorts';
import type { InputReading } from '../../core/ports';
import { basesOf, buildInputs, type BuildSource } from './build';
import type { ComposeCommand } from './composeCommand';
import { composeFileReading } from './composeFileReading';
import { composeGraph } from './composeGraph';
import type { ComposeGraph, ServiceSource } from './composeGraph';
import { composeMerged } from './composeMerged';
import { composeService } from './composeProject';
import { composeSource, composeVariables, startedServices } from './composeSource';
import type { ComposeSource } from './composeSource';
import { variableDigest } from './environment';
import { readEnvFile } from './envFile';
import { fromFolder, joinParts, NO_PART } from './part';
import type { InputGround, InputPart } from './part';
import { misconfigured } from './problems';
import { hostVariable, substitute } from './variables';

const property = ['dockerComposeFile'];

/** Compose files, what they lead to, and, where the compose command may run, the model that it merges. */
export async function composeInputs(
  ground: InputGround,
  command: ComposeCommand | undefined,
): Promise<InputPart> {
  if (!Object.hasOwn(ground.config, 'dockerComposeFile')) return NO_PART;
  const source = await composeSource(ground);
  if ('wrong' in source)
    return {
      ...NO_PART,
      readings: [misconfigured('composeFile', 'dockerComposeFile', source.wrong, property)],
    };
  const lookUp = await composeVariables(source, ground);
  const graph = await composeGraph(source, startedServices(ground), lookUp, ground);
  const files = graph.files.map((file) => composeFileReading(file, source, ground));
  // What we refuse, aliases that multiply into millions of values for one, would keep the compose command busy too.
  const isSound = files.every(({ problem }) => !problem);
  const merged = isSound ? await composeMerged(source, graph, lookUp, ground, command) : undefined;
  const isMerged = merged !== undefined && merged.problem === undefined;
  const values = [
    ...(await envFileReadings(source, graph, ground)),
    ...(isMerged ? [] : hostReadings(graph, ground)),
  ];
  const sources = [...graph.sources].map(([name, made]) => ({ made, ...serviceOf(name, ground) }));
  const builds = sources.flatMap((each) => buildOf(each, source));
  const bases = sources.flatMap((each) => ownBases(each, ground));
  const service = await composeService(source, graph, lookUp, ground, async () =>
    ground.isTrusted ? command?.isOld(ground.env) : undefined,
  );
  const itself: InputPart = {
    ...(service ? { compose: service } : {}),
    readings: [...(merged ? [merged] : []), ...files, ...values, ...missingService(graph, ground)],
    files: [
      ...graph.files.map(({ file }) => file),
      ...graph.envFiles.keys(),
      ...source.dotEnvs,
      ...source.candidates,
    ],
    folders: [],
    bases,
  };
  return joinParts([itself, ...(await Promise.all(builds.map((build) => buildInputs(build, ground))))]);
}

/** A `service` that no file has: Compose would say so only once it starts it, and the CLI no sooner. */
function missingService({ defined }: ComposeGraph, ground: InputGround): InputReading[] {
  const service = own(ground.config, 'service');
  if (typeof service !== 'string' || !defined) return [];
  const name = substitute(service, ground);
  if (defined.has(name) || name.includes('${')) return [];
  const message = `The Compose files have no service \`${name.slice(0, 100)}\`.`;
  return [misconfigured('composeFile', 'service', message, ['service'])];
}

/**
 * What env files say, for a model that cannot be merged and to tell where a value stands: of those named `.env` only
 * what the Compose files use.
 */
async function envFileReadings(
  source: ComposeSource,
  graph: ComposeGraph,
  ground: InputGround,
): Promise<InputReading[]> {
  const named = [...graph.envFiles].map(async ([file, { isRequired, namedAt }]) => {
    const reading = await readEnvFile(file, { property, namedAt }, ground);
    const isMissing = (await ground.files.text(file)).status === 'missing';
    return isMissing && !isRequired ? [] : [reading];
  });
  const dotEnvs = source.dotEnvs.map(async (file) => {
    if ((await ground.files.text(file)).status === 'missing') return [];
    return [await readEnvFile(file, { property }, ground, graph.variables)];
  });
  return (await Promise.all([...named, ...dotEnvs])).flat();
}

/** Without a merged model, the host's variables that the Compose files use; those of env files are weaker. */
function hostReadings(graph: ComposeGraph, ground: InputGround): InputReading[] {
  return [...graph.variables].flatMap((name) => {
    const value = hostVariable(name, ground);
    if (value === undefined) return [];
    const values = { dockerComposeFile: variableDigest(value) };
    return [{ kind: 'environment', input: `\${${name}}`, values }];
  });
}

/** A service, by name where it is another than the dev container's. */
interface Service {
  readonly service?: string;
  readonly made: ServiceSource;
}

function serviceOf(name: string, { config }: InputGround): Pick<Service, 'service'> {
  return name === config['service'] ? {} : { service: name };
}

function buildOf({ made: { build }, ...service }: Service, source: ComposeSource): BuildSource[] {
  if (!build || build.inline) return [];
  const { args, target } = build;
  const context = build.context ?? dirname(source.files[0] ?? source.projectFolder);
  const dockerfile = resolve(context, build.dockerfile ?? 'Dockerfile');
  const given = target === undefined ? {} : { target };
  return [{ dockerfile, context, args, property, ...given, ...service }];
}

/** The images that the Compose files name by themselves. */
function ownBases({ made, ...service }: Service, ground: InputGround): BaseImage[] {
  const { build, image, isBuilt } = made;
  if (build?.inline) {
    const { text, file } = build.inline;
    return basesOf(text, { ...build, ...service, dockerfile: file, isInline: true }, ground);
  }
  if (isBuilt || !image) return [];
  const { reference, file } = image;
  return [
    { reference, file, input: fromFolder(file, ground.workspaceFolder), isBegunWith: true, ...service },
  ];
}
