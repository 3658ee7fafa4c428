import { basename, dirname, join } from 'node:path';
import { own } from '../../common/record';
import type { ComposeService } from '../../core/composeService';
import type { ComposeGraph } from './composeGraph';
import type { ComposeSource } from './composeSource';
import { interpolate } from './interpolation';
import type { InputGround } from './part';
import { hostVariable } from './variables';

type LookUp = (name: string) => string | undefined;

const VARIABLE = 'COMPOSE_PROJECT_NAME';

/**
 * What the CLI looks a container up by: its project and service. Undefined where the service is not named, or where the
 * project's name depends on Compose's version and that is not known.
 */
export async function composeService(
  source: ComposeSource,
  graph: ComposeGraph,
  lookUp: LookUp,
  ground: InputGround,
  isOldCompose: () => Promise<boolean | undefined>,
): Promise<ComposeService | undefined> {
  const service = own(ground.config, 'service');
  if (typeof service !== 'string' || service === '') return undefined;
  const [byFolder, byModel] = [ofFolder(source, ground), ofModel(source, graph, lookUp, ground)];
  const derived = async (): Promise<string | undefined> => {
    if (byFolder === byModel) return byFolder;
    const isOld = await isOldCompose();
    return isOld === undefined ? undefined : isOld ? byFolder : byModel;
  };
  const project = (await givenName(ground)) || (await derived());
  return project ? { project, service, folder: source.projectFolder, files: source.files } : undefined;
}

/** The CLI's rule (src/spec-node/dockerCompose.ts, getProjectName), with the names that Compose 1.21 and later allow. */
async function givenName(ground: InputGround): Promise<string> {
  const ofHost = allowed(hostVariable(VARIABLE, ground) ?? '');
  if (ofHost !== '') return ofHost;
  const content = await ground.files.text(join(ground.workspaceFolder, '.env'));
  const text = content.status === 'ok' ? (content.text ?? '') : '';
  return allowed(/^COMPOSE_PROJECT_NAME=(.+)$/m.exec(text)?.[1]?.trim() ?? '');
}

/** Compose 2 tells a name with its model, which the CLI takes unless it is the one that `.devcontainer` leads to. */
function ofModel(source: ComposeSource, graph: ComposeGraph, lookUp: LookUp, ground: InputGround): string {
  const written = source.files.flatMap((path) => {
    const parsed = graph.files.find(({ file }) => file === path)?.parsed;
    const name = parsed && 'model' in parsed ? own(parsed.model, 'name') : undefined;
    return typeof name === 'string' ? [interpolate(name, lookUp)] : [];
  });
  const ofFile = written.at(-1) ?? allowed(basename(source.projectFolder)).replace(/^[-_]+/, '');
  const name = allowed(lookUp(VARIABLE) ?? '') || allowed(ofFile);
  return name === 'devcontainer' && written.length === 0 ? ofFolder(source, ground) : name;
}

function ofFolder({ files, projectFolder }: ComposeSource, { workspaceFolder }: InputGround): string {
  const folder = files[0] === undefined ? projectFolder : dirname(files[0]);
  if (folder === join(workspaceFolder, '.devcontainer'))
    return allowed(`${basename(workspaceFolder)}_devcontainer`);
  return allowed(basename(folder));
}

function allowed(name: string): string {
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, '');
}
