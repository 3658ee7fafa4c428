import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DevContainer, ShipshapeApi, Snapshot } from '../../src/api';

export const folder = process.env['SHIPSHAPE_TEST_WORKSPACE'] ?? '';
export const configFile = join(folder, '.devcontainer', 'devcontainer.json');

/** The extension's API, once it is active. */
export async function shipshape(): Promise<ShipshapeApi> {
  const extension = vscode.extensions.getExtension<ShipshapeApi>('shipshape.shipshape');
  assert.ok(extension, 'shipshape.shipshape is not there');
  return extension.activate();
}

/** The sample workspace's dev container in the snapshot. */
export function itemOf(snapshot: Snapshot): DevContainer {
  const item = snapshot.devContainers.find((candidate) => candidate.workspaceFolder === folder);
  assert.ok(item, `no dev container of ${folder} in ${JSON.stringify(snapshot)}`);
  return item;
}

/** Waits until the sample's dev container is so; rejects after `ms` milliseconds with what it was. */
export async function itemWhere(holds: (item: DevContainer) => boolean, ms = 15_000): Promise<DevContainer> {
  const api = await shipshape();
  const now = itemOf(await api.snapshot());
  if (holds(now)) return now;
  return new Promise((resolve, reject) => {
    let last = now;
    const late = setTimeout(() => {
      listening.dispose();
      reject(new Error(`Not so within ${ms} ms: ${JSON.stringify(last)}`));
    }, ms);
    const listening = api.onDidChange(({ snapshot }) => {
      last = itemOf(snapshot);
      if (!holds(last)) return;
      clearTimeout(late);
      listening.dispose();
      resolve(last);
    });
  });
}

/** Rewrites the sample's configuration and puts the old one back when the test is over. */
export async function withConfig(change: (text: string) => string, test: () => Promise<void>): Promise<void> {
  const before = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, change(before));
  try {
    await test();
  } finally {
    writeFileSync(configFile, before);
  }
}

/** Calls the private engine's docker command; gives what it prints. */
export function docker(...args: readonly string[]): string {
  const host = process.env['SHIPSHAPE_TEST_DOCKER_HOST'] ?? '';
  assert.notEqual(host, '', 'never the engine of whoever runs the tests');
  return execFileSync('docker', ['-H', host, ...args], { encoding: 'utf8' }).trim();
}

/** Removes the sample's containers. */
export function removeContainers(): void {
  const ids = docker('ps', '-aq', '--filter', `label=devcontainer.local_folder=${folder}`);
  if (ids) docker('rm', '-f', ...ids.split('\n'));
}
