import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeLimitError, withLimit } from '../../../src/engine/limit';

const never = (): Promise<never> => new Promise(() => undefined);

describe('withLimit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives what the call gives, and leaves no timer', async () => {
    expect(await withLimit(1000, [], () => Promise.resolve(7))).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects at the limit, not before, though the call never settles, and tells the call', async () => {
    const seen: AbortSignal[] = [];
    const outcome = vi.fn();
    const call = withLimit(1000, [], (signal) => {
      seen.push(signal);
      return never();
    }).catch(outcome);
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).not.toHaveBeenCalled();
    expect(seen[0]?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await call;
    expect(outcome).toHaveBeenCalledWith(expect.any(TimeLimitError));
    expect(seen[0]?.aborted).toBe(true);
  });

  it('rejects with cancelled when one of the signals fires', async () => {
    const caller = new AbortController();
    const call = withLimit(1000, [undefined, new AbortController().signal, caller.signal], never);
    caller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not even begin when a signal has fired', async () => {
    const call = vi.fn(never);
    await expect(withLimit(1000, [AbortSignal.abort()], call)).rejects.toMatchObject({ code: 'cancelled' });
    expect(call).not.toHaveBeenCalled();
  });

  it('passes on what the call rejects with, also what it throws at once', async () => {
    await expect(withLimit(1000, [], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      withLimit(1000, [], () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await withLimit(1000, [signal], () => Promise.resolve());
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added).toHaveBeenCalledOnce();
  });
});
