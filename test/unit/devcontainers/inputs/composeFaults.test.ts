/** What is wrong in Compose files, told without a compose command, and where. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

test('a service that no file has is a problem at `service`', async () => {
  const problems = (service: string) =>
    folder.problems('composeFile', { dockerComposeFile: '../compose.yml', service });
  await folder.write({
    'compose.yml': 'include: [more.yml]\nservices: { app: }',
    'more.yml': 'services: { db: {} }',
  });
  expect(await problems('app')).toEqual([]);
  expect(await problems('db')).toEqual([]);
  expect(await problems('${localEnv:NONE:db}')).toEqual([]);
  expect(await problems('other')).toEqual(['The Compose files have no service `other`.']);
  await folder.write({ 'compose.yml': 'include: [oci://x/y]\nservices: { app: }' });
  expect(await problems('other')).toEqual([]);
  await folder.write({ 'compose.yml': 'services: { app: ' });
  expect(await problems('other')).toEqual([expect.stringContaining('cannot be read')]);
});
