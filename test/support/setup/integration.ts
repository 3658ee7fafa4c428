import type { TestProject } from 'vitest/node';
import { startDockerEngine } from '../dockerEngine';

declare module 'vitest' {
  interface ProvidedContext {
    /** `unix://…` of the engine that all integration tests share; the base image is in it. */
    dockerHost: string;
  }
}

/** Starts the engine all integration tests share; each names its own containers apart by labels or names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await startDockerEngine();
  project.provide('dockerHost', engine.endpoint);
  return () => engine.stop();
}
