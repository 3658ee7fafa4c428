import type { Effect } from '../api';

/**
 * What a change of a devcontainer.json property requires of an existing container, by what the Dev Containers CLI
 * does with it (devcontainers/cli, src/spec-node: imageMetadata.ts, singleContainer.ts).
 */
const EFFECTS: Readonly<Record<string, Effect>> = {
  image: 'rebuild',
  build: 'rebuild',
  dockerFile: 'rebuild',
  context: 'rebuild',
  features: 'rebuild',
  overrideFeatureInstallOrder: 'rebuild',
  updateRemoteUserUID: 'rebuild',

  dockerComposeFile: 'recreate',
  service: 'recreate',
  runServices: 'recreate',
  runArgs: 'recreate',
  mounts: 'recreate',
  containerEnv: 'recreate',
  containerUser: 'recreate',
  workspaceMount: 'recreate',
  workspaceFolder: 'recreate',
  appPort: 'recreate',
  init: 'recreate',
  privileged: 'recreate',
  capAdd: 'recreate',
  securityOpt: 'recreate',
  overrideCommand: 'recreate',
  hostRequirements: 'recreate',
  onCreateCommand: 'recreate',
  updateContentCommand: 'recreate',
  postCreateCommand: 'recreate',

  postStartCommand: 'restart',
  postAttachCommand: 'restart',
  remoteEnv: 'restart',
  remoteUser: 'restart',
  userEnvProbe: 'restart',
  secrets: 'restart',

  name: 'none',
  $schema: 'none',
  customizations: 'none',
  forwardPorts: 'none',
  portsAttributes: 'none',
  otherPortsAttributes: 'none',
  shutdownAction: 'none',
  waitFor: 'none',
  initializeCommand: 'none',
};

/** The effect of a change to a top-level property; `unknown` for properties that the specification lacks. */
export function effectOf(property: string): Effect {
  return Object.hasOwn(EFFECTS, property) ? (EFFECTS[property] ?? 'unknown') : 'unknown';
}

const ORDER: readonly Effect[] = ['none', 'restart', 'unknown', 'recreate', 'rebuild'];

/** The effect that includes all the others. */
export function strongest(effects: readonly Effect[]): Effect {
  return effects.reduce<Effect>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'none');
}
