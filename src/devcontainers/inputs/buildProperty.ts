import { isRecord, own } from '../../common/record';
import { dirname, resolve } from 'node:path';
import { buildInputs } from './build';
import type { BuildSource } from './build';
import { fromFolder, NO_PART } from './part';
import type { InputGround, InputPart } from './part';
import { misconfigured } from './problems';
import { emptyRecord } from './values';
import { substitute } from './variables';

/** What `build` of devcontainer.json, or its old form `dockerFile`, takes in. */
export async function builtInputs(ground: InputGround): Promise<InputPart> {
  const { config } = ground;
  const build = own(config, 'build');
  const isOldForm = Object.hasOwn(config, 'dockerFile');
  const property = isOldForm ? ['dockerFile'] : ['build', 'dockerfile'];
  const dockerfile = isOldForm ? own(config, 'dockerFile') : own(build, 'dockerfile');
  if (build !== undefined && !isRecord(build))
    return wrong('`build` must be an object with a `dockerfile`.', ['build']);
  if (dockerfile === undefined) {
    const isMeant = build !== undefined && own(config, 'image') === undefined;
    return isMeant ? wrong('`build` names no `dockerfile`.', ['build']) : imageInputs(ground);
  }
  if (typeof dockerfile !== 'string' || dockerfile === '')
    return wrong(`\`${property.join('.')}\` must be the path of a Dockerfile.`, property);
  const context = contextOf(ground);
  if (typeof context.value !== 'string')
    return wrong(`\`${context.property.join('.')}\` must be the path of a folder.`, context.property);
  const folder = dirname(ground.configFile);
  const file = resolve(folder, substitute(dockerfile, ground));
  const target = own(build, 'target');
  const source: BuildSource = {
    dockerfile: file,
    // The CLI's own default: the folder of the Dockerfile, not that of the configuration.
    context: context.value === '' ? dirname(file) : resolve(folder, substitute(context.value, ground)),
    args: argsOf(own(build, 'args'), ground),
    ...(typeof target === 'string' && target !== '' ? { target: substitute(target, ground) } : {}),
    property,
  };
  return buildInputs(source, ground);
}

/** What a configuration without a build names; its value is the configuration's own and read with it. */
function imageInputs(ground: InputGround): InputPart {
  const image = own(ground.config, 'image');
  if (typeof image !== 'string' || image === '') return NO_PART;
  const { configFile: file, workspaceFolder } = ground;
  const input = fromFolder(file, workspaceFolder);
  return {
    ...NO_PART,
    bases: [{ reference: substitute(image, ground), input, file, isBegunWith: true }],
  };
}

function contextOf({ config }: InputGround): { value: unknown; property: readonly string[] } {
  if (Object.hasOwn(config, 'context')) return { value: config['context'], property: ['context'] };
  return { value: own(own(config, 'build'), 'context') ?? '', property: ['build', 'context'] };
}

function argsOf(args: unknown, ground: InputGround): Record<string, string> {
  const result = emptyRecord<string>();
  if (!isRecord(args)) return result;
  for (const [name, value] of Object.entries(args)) {
    if (typeof value === 'string') result[name] = substitute(value, ground);
  }
  return result;
}

function wrong(message: string, property: readonly string[]): InputPart {
  return { ...NO_PART, readings: [misconfigured('dockerfile', property.join('.'), message, property)] };
}
