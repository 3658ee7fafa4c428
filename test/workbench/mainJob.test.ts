import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const configFile = join(place.folder, '.devcontainer', 'devcontainer.json');
const original = readFileSync(configFile, 'utf8');
const VIEW = 'Dev Containers';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  writeFileSync(configFile, original);
  for (const id of docker('ps', '-aq', '--filter', `label=devcontainer.local_folder=${place.folder}`).split(
    '\n',
  )) {
    if (id) docker('rm', '-f', id);
  }
});

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
const container = (): string =>
  docker('ps', '-q', '--no-trunc', '--filter', `label=devcontainer.local_folder=${place.folder}`);
/** The file as an editor saves it. */
const save = (greeting: string): void =>
  writeFileSync(configFile, original.replace('"ahoy"', `"${greeting}"`));

const saveRemoteEnv = (value: string): void =>
  writeFileSync(
    configFile,
    original.replace('"ahoy"', '"palette"').replace(/\n\}\s*$/, `,\n  "remoteEnv": ${value}\n}\n`),
  );

it('shows a configuration without a container, and creates it from the palette', async () => {
  await workbench.row('Sample, not created', VIEW).waitFor();
  await workbench.runCommand('Shipshape: Create or Start Dev Container');
  await workbench.pick('Sample');
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  expect(container()).not.toBe('');
});

it('says that it is dirty, with a badge, the reasons, and once quiet a notification', async () => {
  save('hello');
  await workbench.row('Sample, running, 1 change, recreate needed', VIEW).waitFor();
  await workbench.page.locator('.activitybar .badge-content').filter({ hasText: /^1$/ }).first().waitFor();
  await workbench
    .notification('Sample no longer matches its configuration: containerEnv.GREETING.')
    .waitFor();
  const change = workbench.row('containerEnv.GREETING "ahoy" → "hello", needs recreate', VIEW);
  await workbench.expand(workbench.row(/^Sample/, VIEW), change);
  await workbench.screenshot('dirty');
});

it('shows the diff, and marks the file in the Explorer with the reason', async () => {
  await workbench.runCommand('Shipshape: Show Changes');
  await workbench.pick('Sample');
  const { page } = workbench;
  await page.locator('.monaco-diff-editor').getByText('"hello"').first().waitFor();
  await page.locator('.monaco-diff-editor').getByText('"ahoy"').first().waitFor();
  await workbench.openView('Explorer');
  await page
    .locator(
      `.explorer-folders-view [aria-label*="Changed since the dev container Sample was made: needs recreate"]`,
    )
    .first()
    .waitFor();
  await workbench.screenshot('changes');
  await workbench.openView('Shipshape');
});

it('recreates from the notification; the selected row is then clean and its log complete', async () => {
  const before = container();
  await workbench.row(/^Sample/, VIEW).click();
  await workbench.clickNotificationButton('no longer matches', 'Recreate');
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  const row = workbench.row(/^Sample, running$/, VIEW);
  expect(await row.getAttribute('aria-selected')).toBe('true');
  expect(container()).not.toBe(before);
  await workbench.outputSays('Dev Container: Sample', 'Recreating Sample');
  await workbench.outputSays('Dev Container: Sample', 'postCreateCommand');
  expect(await workbench.page.locator('.activitybar .badge-content').filter({ hasText: /^1$/ }).count()).toBe(
    0,
  );
});

it('does the same from the palette, where dirty ones come first', async () => {
  save('palette');
  await workbench.row(/1 change/, VIEW).waitFor();
  const before = container();
  await workbench.runCommand('Shipshape: Recreate Dev Container');
  await workbench.pick(/Sample/);
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  expect(container()).not.toBe(before);
});

it('tells of a failing build in words, with the old container still running', async () => {
  const before = container();
  const dockerfile = join(place.folder, '.devcontainer', 'Dockerfile');
  const text = readFileSync(dockerfile, 'utf8');
  writeFileSync(dockerfile, `${text}RUN echo on purpose && false\n`);
  try {
    save('fails');
    await workbench.row(/1 change/, VIEW).waitFor();
    await workbench.runCommand('Shipshape: Recreate Dev Container');
    await workbench.pick(/Sample/);
    const message = workbench.notification(
      /The build failed at Dockerfile line \d+ \(RUN echo on purpose && false\)/,
    );
    await message.waitFor();
    expect(await message.innerText()).toContain('still running');
    await workbench.screenshot('build-failed');
    expect(container()).toBe(before);
  } finally {
    writeFileSync(dockerfile, text);
  }
});

it('cancels on the button, and says what is true then', async () => {
  const before = container();
  writeFileSync(configFile, original.replace('echo created > /tmp/created', 'sleep 600'));
  await workbench.row(/2 changes|1 change/, VIEW).waitFor();
  await workbench.runCommand('Shipshape: Recreate Dev Container');
  await workbench.pick(/Sample/);
  await workbench.row(/running postCreateCommand/, VIEW).waitFor();
  await workbench.clickNotificationButton(/Recreating Sample/, 'Cancel');
  await workbench.notification('Cancelled. The container it had is running again.').waitFor();
  expect(container()).toBe(before);
});

it('offers a restart where that is enough, and keeps the container', async () => {
  const before = container();
  saveRemoteEnv('{ "TOLD": "yes" }');
  await workbench.row(/1 change, restart needed$/, VIEW).waitFor();
  await workbench.notification('Sample no longer matches its configuration: remoteEnv.TOLD.').waitFor();
  await workbench.screenshot('restart');
  await workbench.clickNotificationButton(/configuration: remoteEnv\.TOLD\./, 'Restart');
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  expect(container()).toBe(before);
});

it('does nothing on an answer that comes too late, and says so', async () => {
  saveRemoteEnv('{ "TOLD": "yes", "LATE": "yes" }');
  await workbench.notification('Sample no longer matches its configuration: remoteEnv.LATE.').waitFor();
  saveRemoteEnv('{ "TOLD": "yes" }');
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  await workbench.clickNotificationButton(/configuration: remoteEnv\.LATE\./, 'Restart');
  await workbench.notification('Sample matches its configuration again.').waitFor();
  await workbench.screenshot('too-late');
});

it('shows an invalid configuration with its place, and never as clean', async () => {
  writeFileSync(configFile, '{\n  "image": \n');
  await workbench.row(/configuration invalid/, VIEW).waitFor();
  await workbench.runCommand('Problems: Focus on Problems View');
  // Said by the editor's own JSON support where the file is open, else by us.
  const problem = workbench.page
    .locator('.markers-panel')
    .getByText(/value (is )?expected/i)
    .first();
  await problem.waitFor();
  await workbench.screenshot('invalid');
  writeFileSync(configFile, original.replace('"containerEnv"', '"containerEnvs"'));
  await workbench.page.locator('.markers-panel').getByText('Did you mean "containerEnv"?').waitFor();
  await workbench.screenshot('problems');
  writeFileSync(configFile, original);
  await workbench.row(/configuration invalid/, VIEW).waitFor({ state: 'detached' });
  await problem.waitFor({ state: 'detached' });
});
