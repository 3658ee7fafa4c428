import { defineConfig } from 'vitest/config';

/** Three of the four suites; the fourth, test/extension, runs inside VS Code under mocha. */
export default defineConfig({
  test: {
    // Suites that drive real engines and browsers gain nothing from more than the two cores of a small machine.
    maxWorkers: 2,
    projects: [
      // Properties are tried with thousands of cases, however slow the machine.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/setup/integration.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'workbench',
          include: ['test/workbench/**/*.test.ts'],
          globalSetup: ['test/support/setup/workbench.ts'],
          setupFiles: ['test/support/setup/failures.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
