import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const configFile = join(place.folder, '.devcontainer', 'devcontainer.json');
const original = readFileSync(configFile, 'utf8');
const VIEW = 'Dev Containers';
const CHANNEL = 'Dev Container: Sample';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  writeFileSync(configFile, original);
  const label = `label=devcontainer.local_folder=${place.folder}`;
  for (const id of docker('ps', '-aq', '--filter', label).split('\n')) if (id) docker('rm', '-f', id);
});

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
const withHook = (command: string): void =>
  writeFileSync(configFile, original.replace('echo created > /tmp/created', command));
/** What an editor shows at the moment, as far as it is in sight. */
const editorText = async (): Promise<string> => {
  const lines = await workbench.page.locator('.editor-instance .view-lines').allInnerTexts();
  return lines.join('\n').replaceAll('\u00a0', ' ');
};

it('the log names each phase, and at the end what it took and what went from what to what', async () => {
  withHook('printf \\"\\\\033[32mgreen\\\\033[0m hook\\\\n\\"');
  await workbench.row('Sample, not created', VIEW).waitFor();
  await workbench.runCommand('Shipshape: Create or Start Dev Container');
  await workbench.pick('Sample');
  await workbench.row(/^Sample, running$/, VIEW).waitFor();
  const log = await workbench.outputSays(CHANNEL, '── Started after');
  const headings = [...log.matchAll(/── (\w+) ──/g)].map(([, name]) => name);
  expect(headings).toEqual(['read', 'build', 'create', 'start', 'postCreateCommand']);
  expect(log).toMatch(
    /Time: read [\d.]+ s, build [\d.]+ s \(\d of \d steps? from the cache\), create .*check/,
  );
  expect(log).toMatch(/Container [0-9a-f]{12}, image vsc-/);
});

it('a hook that fails is shown where it failed', async () => {
  withHook('echo before; exit 3');
  await workbench.row(/1 change/, VIEW).waitFor();
  await workbench.runCommand('Shipshape: Recreate Dev Container');
  await workbench.pick(/Sample/);
  const failed = /postCreateCommand failed, exit 3/;
  await workbench.notification(failed).waitFor();
  await workbench.screenshot('hook-failed');
  await workbench.clickNotificationButton(failed, 'Show Log');
  await workbench.page
    .getByRole('tab', { name: /Sample, Recreate failed/ })
    .first()
    .waitFor();
  await expect.poll(editorText).toContain('failed with exit code 3. Skipping');
  await workbench.screenshot('log-of-failure');
});

it('lists the last runs, and opens the log of the one that is chosen', async () => {
  await workbench.runCommand('Shipshape: Show History of Dev Container');
  const options = workbench.page.locator('.quick-input-widget').getByRole('option');
  await options.first().waitFor();
  const texts = await options.allInnerTexts();
  // Earlier tests may have had runs of the same dev container.
  expect(texts.slice(0, 2).map((text) => text.replace(/\s+/g, ' '))).toEqual([
    expect.stringMatching(/Recreate failed.*(?:just now|min ago) · .* s.*postCreateCommand failed, exit 3/),
    expect.stringMatching(/Started.*(?:just now|min ago) · .*read .* s/),
  ]);
  await workbench.screenshot('history');
  await workbench.pick(/Started/);
  await workbench.page
    .getByRole('tab', { name: /Sample, Started/ })
    .first()
    .waitFor();
  await expect.poll(editorText).toContain('── build ──');
  expect(await editorText()).toContain('Sample: Started');
  await workbench.screenshot('log-of-run');
});

it('shows the log in a terminal', async () => {
  await workbench.chooseFromMenu(workbench.row(/^Sample/, VIEW), 'Show Log in Terminal');
  const terminal = workbench.page.locator('.terminal-wrapper .xterm-rows').first();
  await terminal.getByText('The job is over; this is the end of its log.').waitFor();
  await workbench.screenshot('log-in-terminal');
  const text = (await terminal.innerText()).replaceAll('\u00a0', ' ');
  expect(text).toContain('before');
  expect(text).toContain('failed with exit code 3. Skipping');
  expect(text).not.toContain('GREETING=ahoy');
});

it('shows a running job’s output in a terminal, with its colours, and goes on to its end', async () => {
  withHook("printf '\\\\033[31mred\\\\033[0m\\\\nContinue [y/N] '; sleep 600");
  await workbench.row(/1 change/, VIEW).waitFor();
  await workbench.runCommand('Shipshape: Recreate Dev Container');
  await workbench.pick(/Sample/);
  await workbench.row(/running postCreateCommand/, VIEW).waitFor();
  await workbench.chooseFromMenu(workbench.row(/^Sample/, VIEW), 'Show Log in Terminal');
  const terminal = workbench.page.locator('.terminal-wrapper.active .xterm-rows').first();
  await terminal.locator('.xterm-fg-1', { hasText: /^red$/ }).waitFor();
  await terminal.getByText('Continue [y/N]').waitFor();
  await workbench.screenshot('log-of-running-job');
  await workbench.clickNotificationButton(/Recreating Sample/, 'Cancel');
  await terminal.getByText('The job is over; this is the end of its log.').waitFor();
  await workbench.outputSays(CHANNEL, '── Recreate cancelled after');
});

it('shows the log of an earlier window from the history', async () => {
  await workbench.close();
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
  // A row that changes under its open menu is forgotten by the editor: this is the last change.
  await workbench.row(/^Sample, running, .*1 change, recreate needed$/, VIEW).waitFor();
  await workbench.chooseFromMenu(workbench.row(/^Sample/, VIEW), 'Show Log');
  await workbench.page
    .getByRole('tab', { name: /Sample, Recreate cancelled/ })
    .first()
    .waitFor();
  await expect.poll(editorText).toContain('Sample: Recreate cancelled');
  await workbench.screenshot('log-of-earlier-window');
});
