import type { Effect } from '../api';

/** What JSON a property may hold: a plain type, a list of such, or an object whose values are such. */
export type Shape =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'null'
  | 'object'
  | { readonly listOf: readonly Shape[] }
  | { readonly mapOf: readonly Shape[] };

export interface Property {
  readonly shapes: readonly Shape[];
  /** What a change of it requires of a container that is there. */
  readonly effect: Effect;
  /** Why that is enough, and why less would not do. */
  readonly why: string;
}

const text: readonly Shape[] = ['string'];
const flag: readonly Shape[] = ['boolean'];
const object: readonly Shape[] = ['object'];
const texts: readonly Shape[] = [{ listOf: text }];
const oneOrMore: readonly Shape[] = ['string', { listOf: text }];
const variables: readonly Shape[] = [{ mapOf: text }];
const command: readonly Shape[] = ['string', { listOf: text }, { mapOf: oneOrMore }];

/**
 * Every property of devcontainer.json that the specification or the Dev Containers CLI knows, by its dotted path:
 * what it may hold (devcontainers/spec, devContainer.base.schema.json), and what a change of it requires, by what the
 * CLI does with it (devcontainers/cli, src/spec-node: imageMetadata.ts, singleContainer.ts). The one table of this:
 * the verdicts, the problems shown in the file, and docs/properties.md come from it.
 */
export const PROPERTIES: Readonly<Record<string, Property>> = {
  image: of(text, 'rebuild', 'It is the image itself.'),
  build: of(object, 'rebuild', 'It says how the image is built.'),
  'build.dockerfile': of(text, 'rebuild', 'It says how the image is built.'),
  'build.context': of(text, 'rebuild', 'COPY and ADD take files from there.'),
  'build.args': of(variables, 'rebuild', 'Build steps see them.'),
  'build.target': of(text, 'rebuild', 'It chooses the stage that becomes the image.'),
  'build.cacheFrom': of(oneOrMore, 'rebuild', 'It is handed to the build.'),
  'build.options': of(texts, 'rebuild', 'They are handed to the build.'),
  dockerFile: of(text, 'rebuild', 'It says how the image is built; `build.dockerfile` is its newer name.'),
  context: of(text, 'rebuild', 'COPY and ADD take files from there; `build.context` is its newer name.'),
  features: of(object, 'rebuild', 'Features are installed into the image.'),
  overrideFeatureInstallOrder: of(texts, 'rebuild', 'It is the order of steps in the image.'),
  updateRemoteUserUID: of(flag, 'rebuild', "The user's id is changed in an image of its own."),

  dockerComposeFile: of(oneOrMore, 'recreate', 'The container is made from the model in these files.'),
  service: of(text, 'recreate', 'Another service is another container.'),
  runServices: of(texts, 'recreate', 'Services are started when the container is made.'),
  runArgs: of(texts, 'recreate', 'They are arguments of `docker run`.'),
  mounts: of([{ listOf: ['string', 'object'] }], 'recreate', 'A container gets its mounts when it is made.'),
  containerEnv: of(variables, 'recreate', 'A container gets its variables when it is made.'),
  containerUser: of(text, 'recreate', 'A container gets its user when it is made.'),
  workspaceMount: of(text, 'recreate', 'A container gets its mounts when it is made.'),
  workspaceFolder: of(text, 'recreate', 'The workspace is mounted there when the container is made.'),
  appPort: of(
    ['integer', 'string', { listOf: ['integer', 'string'] }],
    'recreate',
    'Ports are published when the container is made.',
  ),
  init: of(flag, 'recreate', 'It is an argument of `docker run`.'),
  privileged: of(flag, 'recreate', 'It is an argument of `docker run`.'),
  capAdd: of(texts, 'recreate', 'They are arguments of `docker run`.'),
  securityOpt: of(texts, 'recreate', 'They are arguments of `docker run`.'),
  overrideCommand: of(flag, 'recreate', 'A container gets its command when it is made.'),
  'hostRequirements.gpu': of(
    ['boolean', 'string', 'object'],
    'recreate',
    'The GPU is an argument of `docker run`.',
  ),
  onCreateCommand: of(command, 'recreate', 'It runs once, when the container is made.'),
  updateContentCommand: of(command, 'recreate', 'It runs once, when the container is made.'),
  postCreateCommand: of(command, 'recreate', 'It runs once, when the container is made.'),
  postStartCommand: of(command, 'restart', "It runs at each start; Restart runs today's."),
  postAttachCommand: of(command, 'restart', "It runs whenever a tool attaches; Restart runs today's."),

  remoteEnv: of(
    [{ mapOf: ['string', 'null'] }],
    'restart',
    'The CLI reads it from the file for a container that is there.',
  ),
  remoteUser: of(text, 'restart', 'The CLI reads it from the file for a container that is there.'),
  userEnvProbe: of(text, 'restart', 'The CLI reads it from the file for a container that is there.'),
  secrets: of(object, 'restart', 'Commands get them at each start.'),

  name: of(text, 'none', 'It is what people and lists call it.'),
  $schema: of(text, 'none', 'It is for editors.'),
  customizations: of(object, 'none', 'It is for tools; the editor applies it when it attaches.'),
  extensions: of(texts, 'none', 'It is the old place of `customizations.vscode.extensions`.'),
  settings: of(object, 'none', 'It is the old place of `customizations.vscode.settings`.'),
  devPort: of(['integer'], 'none', 'It is the old place of `customizations.vscode.devPort`.'),
  forwardPorts: of(
    [{ listOf: ['integer', 'string'] }],
    'none',
    'The editor forwards ports; the container does not know.',
  ),
  portsAttributes: of(object, 'none', 'It is for the editor that forwards ports.'),
  otherPortsAttributes: of(object, 'none', 'It is for the editor that forwards ports.'),
  shutdownAction: of(text, 'none', 'It is what the editor does when it closes.'),
  waitFor: of(text, 'none', 'It is how long tools wait at the next start.'),
  initializeCommand: of(command, 'none', 'It runs on the host, at the next start or recreate anyway.'),
  hostRequirements: of(object, 'none', 'It is for services that choose a machine.'),
  'hostRequirements.cpus': of(['integer'], 'none', 'It is for services that choose a machine.'),
  'hostRequirements.memory': of(text, 'none', 'It is for services that choose a machine.'),
  'hostRequirements.storage': of(text, 'none', 'It is for services that choose a machine.'),
};

/** The property of this dotted path; undefined for one that the specification lacks. */
export function propertyOf(path: string): Property | undefined {
  return Object.hasOwn(PROPERTIES, path) ? PROPERTIES[path] : undefined;
}

/** Shapes in words: `text, or a list of texts`. */
export function shapeWords(shapes: readonly Shape[]): string {
  return shapes.map((shape) => wordOf(shape, false)).join(', or ');
}

function of(shapes: readonly Shape[], effect: Effect, why: string): Property {
  return { shapes, effect, why };
}

const WORDS = {
  string: ['a text', 'texts'],
  boolean: ['true or false', 'true or false'],
  integer: ['a whole number', 'whole numbers'],
  null: ['null', 'null'],
  object: ['an object', 'objects'],
} as const;

function wordOf(shape: Shape, several: boolean): string {
  if (typeof shape === 'string') return WORDS[shape][several ? 1 : 0];
  const inner = 'listOf' in shape ? shape.listOf : shape.mapOf;
  const what = inner.map((each) => wordOf(each, true)).join(' or ');
  if ('listOf' in shape) return `${several ? 'lists' : 'a list'} of ${what}`;
  return `${several ? 'objects' : 'an object'} with ${what}`;
}
