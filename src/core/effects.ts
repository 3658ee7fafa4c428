import type { Effect } from '../api';
import { propertyOf } from './properties';

/** The effect of a change to a property, by its path; properties that the specification lacks have none. */
export function effectOf(path: readonly string[]): Effect {
  return (propertyOf(path.slice(0, 2).join('.')) ?? propertyOf(path[0] ?? ''))?.effect ?? 'none';
}

const ORDER: readonly Effect[] = ['none', 'restart', 'unknown', 'recreate', 'rebuild'];

/** The effect that includes all the others. */
export function strongest(effects: readonly Effect[]): Effect {
  return effects.reduce<Effect>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'none');
}
