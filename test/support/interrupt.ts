const controller = new AbortController();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => controller.abort(new Error('interrupted')));
}

/**
 * Rejects at an interrupt. A program that loads this module doesn't die of one: it finishes the step at hand, and
 * takes down what it started.
 */
export function whenInterrupted(): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(controller.signal.reason as Error);
    controller.signal.addEventListener('abort', fail, { once: true });
    if (controller.signal.aborted) {
      fail();
    }
  });
}
