import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBaseImage } from './baseImage';

/** The image the sample workspace's Dockerfile starts from. */
export const sampleImage = 'shipshape-sample/base:1';

/** A copy of the sample workspace that may be changed. */
export interface SampleWorkspace {
  readonly folder: string;
  remove(): Promise<void>;
}

/** The checkout's folder, also from a bundle two levels further down. */
export const checkout = process.cwd();

/** Copies the sample workspace, and puts the image it needs into the engine behind this socket. */
export async function makeSample(socketPath: string): Promise<SampleWorkspace> {
  const parent = await mkdtemp(join(tmpdir(), 'shipshape-sample-'));
  const folder = join(parent, 'sample');
  await cp(join(checkout, 'test/fixtures/sample'), folder, { recursive: true });
  await importBaseImage(socketPath, sampleImage);
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}
