import type { Effect } from '../api';
import type { InputKind } from './ports';
import { propertyOf } from './properties';

/** The effect of a change to a property, by its path; properties that the specification lacks have none. */
export function effectOf(path: readonly string[]): Effect {
  return (propertyOf(path.slice(0, 2).join('.')) ?? propertyOf(path[0] ?? ''))?.effect ?? 'none';
}

/** What a change of an input requires of the container. */
export function effectOfInput(kind: InputKind, property: string): Effect {
  if (kind === 'environment') return effectOf(property.split('.'));
  if (kind === 'envFile') return 'recreate';
  if (kind !== 'compose' && kind !== 'composeFile') return 'rebuild';
  return /^services\.[^.]+\.(build|image)(\.|$)/.test(property) ? 'rebuild' : 'recreate';
}

const ORDER: readonly Effect[] = ['none', 'restart', 'unknown', 'recreate', 'rebuild'];

/** The effect that includes all the others. */
export function strongest(effects: readonly Effect[]): Effect {
  return effects.reduce<Effect>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'none');
}
