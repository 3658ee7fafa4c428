import { basename } from 'node:path';
import type { InputGround } from './part';

/** A variable of the host that a text of the configuration asks for. */
const VARIABLE = /\$\{(.*?)\}/g;
/** A line up to its last `}`: within it every `${` ends, so that none is looked for in vain again and again. */
const CLOSED = /^.*\}/gm;

/**
 * Replaces the variables that are known before there is a container, as the Dev Containers CLI does
 * (src/spec-common/variableSubstitution.ts); others stay as they are.
 */
export function substitute(text: string, ground: InputGround): string {
  const valueOf = (match: string, inner: string): string => {
    const [variable = '', name, fallback] = inner.split(':');
    switch (variable) {
      case 'env':
      case 'localEnv':
        return name === undefined ? match : (hostVariable(name, ground) ?? fallback ?? '');
      case 'localWorkspaceFolder':
        return ground.workspaceFolder;
      case 'localWorkspaceFolderBasename':
        return basename(ground.workspaceFolder);
      default:
        return match;
    }
  };
  return text.replace(CLOSED, (closed) => closed.replace(VARIABLE, valueOf));
}

/** A variable of the host that a text asks for, and what is taken while it is not set. */
export interface HostVariableUse {
  readonly name: string;
  readonly fallback: string | undefined;
}

export function hostVariablesIn(text: string): HostVariableUse[] {
  const found = (text.match(CLOSED) ?? []).flatMap((closed) => [...closed.matchAll(VARIABLE)]);
  return found.flatMap(([, inner = '']) => {
    const [variable, name, fallback] = inner.split(':');
    const isOfHost = variable === 'env' || variable === 'localEnv';
    return isOfHost && name !== undefined && name !== '' ? [{ name, fallback }] : [];
  });
}

/** A variable's value on the host; names are blind to case on Windows. */
export function hostVariable(name: string, ground: InputGround): string | undefined {
  if (process.platform !== 'win32') return Object.hasOwn(ground.env, name) ? ground.env[name] : undefined;
  const wanted = name.toLowerCase();
  return Object.entries(ground.env).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
