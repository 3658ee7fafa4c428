import type { EnginePort } from '../../src/core/ports';

/** What an engine does to containers, and to images. */
const ACTIONS = ['pull', 'make', 'stop', 'rename', 'start', 'remove'];

/**
 * The engine, with `onFault` called at its n-th action, counted from 0, before or after that was done; the action goes
 * on when that settles, and fails when it rejects.
 */
export function failingEngine(
  engine: EnginePort,
  n: number,
  when: 'before' | 'after',
  onFault: (action: string) => Promise<void>,
): EnginePort & { readonly actions: () => number } {
  let actions = 0;
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'actions') return () => actions;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (!ACTIONS.includes(String(name))) return call;
      return async (...args: unknown[]) => {
        const isFault = actions++ === n;
        if (isFault && when === 'before') await onFault(String(name));
        const answer = await call(...args);
        if (isFault && when === 'after') await onFault(String(name));
        return answer;
      };
    },
  }) as EnginePort & { readonly actions: () => number };
}
