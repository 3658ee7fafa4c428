import { basename, dirname, join } from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import type { DevContainer } from '../api';
import { ShipshapeError } from '../common/errors';
import {
  heldBack,
  lockfileName,
  lockfileWith,
  upgradable,
  type FeaturePort,
  type FeatureVersions,
} from '../core/features';
import { oneLine } from '../core/words';

const SCHEME = 'shipshape-lockfile';

/**
 * Asks which outdated Feature is to be upgraded, shows what that changes in the lockfile, and writes it when the user
 * agrees; the configuration is another then, as after any edit. Rejects as FeaturePort does.
 */
export async function upgradeFeature(port: FeaturePort, item: DevContainer): Promise<void> {
  const { configFile, workspaceFolder } = item;
  if (configFile === undefined)
    throw new ShipshapeError('notFound', `${item.name} does not say which configuration made it.`);
  const config = { configFile, workspaceFolder };
  const name = oneLine(item.name, 80);
  const all = await inView(`Looking for newer Features of ${name}`, port.versions(config));
  const feature = await choose(name, all);
  if (!feature) return;
  const file = Uri.file(join(dirname(configFile), lockfileName(configFile)));
  const current = await textOf(file);
  const newest = await inView(`Looking up ${feature.id}`, port.newestLockfile(config));
  const next = lockfileWith(current, newest, feature.id);
  if (next === undefined)
    throw new ShipshapeError('notFound', `${basename(file.path)} has no Features: recreate ${name} first.`);
  if (!(await isAgreed(feature, file, next))) return;
  if ((await textOf(file)) !== current) {
    throw new ShipshapeError('busy', `${basename(file.path)} was changed meanwhile: nothing was written.`);
  }
  await workspace.fs.writeFile(file, new TextEncoder().encode(next));
}

async function choose(name: string, all: readonly FeatureVersions[]): Promise<FeatureVersions | undefined> {
  const newer = upgradable(all);
  const held = heldBack(all);
  const heldWords = held.map(({ id, latest }) => `${id} (${latest ?? ''})`).join(', ');
  if (newer.length === 0) {
    const more = held.length === 0 ? '' : ` These are out, but not allowed by it: ${heldWords}.`;
    void window.showInformationMessage(
      oneLine(`${name} has the newest Features that its configuration allows.${more}`, 600),
    );
    return undefined;
  }
  const picks = newer.map((feature) => ({
    feature,
    label: oneLine(feature.id, 120),
    description: `${feature.current ?? ''} → ${feature.wanted ?? ''}`,
    ...(held.includes(feature)
      ? { detail: `${feature.latest ?? ''} is out, but the configuration does not allow it` }
      : {}),
  }));
  const title = `Upgrade which Feature of ${name}?`;
  return (await window.showQuickPick(picks, { title, matchOnDescription: true }))?.feature;
}

/** Shows both texts side by side while it asks. */
async function isAgreed(feature: FeatureVersions, file: Uri, next: string): Promise<boolean> {
  const preview = file.with({ scheme: SCHEME });
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: () => next,
  });
  try {
    const what = `${feature.id} ${feature.current ?? ''} → ${feature.wanted ?? ''}`;
    await commands.executeCommand('vscode.diff', file, preview, oneLine(what, 160), { preview: true });
    const go = 'Upgrade';
    const question = `Upgrade ${what} in ${basename(file.path)}? The dev container gets it when it is recreated.`;
    return (await window.showInformationMessage(oneLine(question, 600), go, 'Cancel')) === go;
  } finally {
    provider.dispose();
  }
}

async function textOf(file: Uri): Promise<string> {
  const found = await Promise.resolve(workspace.fs.readFile(file)).catch(() => undefined);
  return found ? new TextDecoder().decode(found) : '';
}

function inView<T>(title: string, work: Promise<T>): Thenable<T> {
  window.setStatusBarMessage(
    `$(sync~spin) ${title}`,
    work.catch(() => undefined),
  );
  return window.withProgress({ location: { viewId: 'shipshape.devContainers' } }, () => work);
}
