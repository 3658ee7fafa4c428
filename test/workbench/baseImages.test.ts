import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DevFolder } from '../support/devFolder';
import { pushImage } from '../support/pushedImage';
import { waitFor } from '../support/processes';
import { startRegistry, type TestRegistry } from '../support/registry';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Dev Containers';
const place = inject('workbench');
let folder: DevFolder;
let registry: TestRegistry;
let workbench: Workbench;

const base = (): string => `${registry.host}/toolbox:1`;
/** The engine keeps what it has of that name. */
const publish = (content: string) => pushImage(place.dockerHost, base(), [`ENV CONTENT=${content}`]);

beforeAll(async () => {
  registry = await startRegistry();
  folder = new DevFolder(place.dockerHost, 'heron');
  folder.write({ name: 'heron', build: { dockerfile: 'Dockerfile' } });
  folder.write(`FROM ${base()} AS tools\nRUN echo made >/made\n`, 'Dockerfile');
  await publish('one');
  workbench = await openWorkbench({ ...place, folder: folder.path });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  folder.remove();
  folder.docker('rmi', '-f', base());
  await registry.stop();
});

it('says of a dev container that was built here that its base is outdated, where that is named, and rebuilds with the newer one', async () => {
  const row = workbench.row(/^heron\b/, VIEW);
  await row.waitFor();
  await workbench.press(row, 'Create or Start Dev Container', workbench.row(/^heron, running/, VIEW));
  await workbench.runCommand('Shipshape: Check Images');
  await workbench.row(/^heron, running, base image up to date$/, VIEW).waitFor();
  await workbench.page.getByText('images up to date').first().waitFor();
  const first = folder.containers();
  await publish('two');
  const outdated = workbench.row(/^heron, running, base image outdated$/, VIEW);
  await waitFor('the newer base to be seen', async () => {
    // Within five seconds the last answer is taken.
    await workbench.chooseFromMenu(row, 'Check Images Again Now');
    return outdated.isVisible();
  });
  await workbench.page.getByText('1 image outdated').first().waitFor();
  await outdated.hover();
  const hover = workbench.page.locator('.monaco-hover');
  await hover.getByText('Base image outdated').first().waitFor();
  const said = (await hover.first().innerText()).replace(/\s+/g, ' ');
  expect(said).toContain(`(${base()} in .devcontainer/Dockerfile, line 1, stage tools)`);
  expect(said).toMatch(/Base image here: sha256:\w{12}, in its registry: sha256:\w{12}/);
  await workbench.screenshot('base-outdated');
  await workbench.press(
    outdated,
    'Rebuild with Newer Base',
    workbench.row(/^heron, running, base image up to date$/, VIEW),
  );
  const [now = '', ...others] = folder.containers();
  expect(others).toEqual([]);
  expect(first).not.toContain(now);
  expect(folder.docker('exec', now, 'sh', '-c', 'echo $CONTENT')).toBe('two');
  expect(await workbench.outputText('Dev Container: heron')).toMatch(
    /toolbox:1 pulled: sha256:\w+ → sha256:\w+/,
  );
  await workbench.screenshot('base-rebuilt');
});
