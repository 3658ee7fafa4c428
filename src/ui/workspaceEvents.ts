import { window, workspace } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { Configs } from '../core/configs';
import type { EngineChoice } from '../core/engineChoice';
import type { Engines } from '../core/engines';
import type { Inputs } from '../core/inputs';
import type { News } from '../core/news';
import type { Trust } from './trust';

export interface WorkspaceListeners {
  readonly configs: Configs;
  readonly inputs: Inputs;
  /** Look at the watched files whatever they have heard. */
  readonly watchers: readonly { check(): Promise<void> }[];
  readonly news: News;
  readonly engines: Engines;
  readonly choice: EngineChoice;
  readonly trust: Trust;
  readonly views: readonly { relayout(): void }[];
  readonly onEngineSetting: () => Promise<void>;
  /** The next check of images may be due, or at another time. */
  readonly planImages: () => Promise<void>;
}

/** Passes on what happens in the editor: folders, trust, focus, typing, settings, files. */
export function listenToWorkspace(listeners: WorkspaceListeners): Disposable {
  const { configs, inputs, watchers, news, engines, choice, trust } = listeners;
  const parts = new DisposableStore();
  parts.add(
    workspace.onDidChangeWorkspaceFolders(() => {
      void trust.remember();
      void configs.setFolders(trust.folders);
    }),
  );
  parts.add(
    workspace.onDidGrantWorkspaceTrust(() => {
      void trust.remember();
      // The compose command may run from now on.
      void inputs.check();
    }),
  );
  parts.add(workspace.onDidSaveTextDocument(({ uri }) => inputs.touch(uri.fsPath)));
  parts.add(
    window.onDidChangeWindowState(({ focused }) => {
      if (!focused) return;
      choice.recheck();
      void listeners.planImages();
      for (const watcher of watchers) void watcher.check();
      // Within ten seconds of the last list this costs nothing.
      for (const store of engines.stores) void store.freshen().catch(() => undefined);
    }),
  );
  parts.add(
    workspace.onDidChangeTextDocument(({ document }) => {
      if (/[\\/]\.?devcontainer\.json$/.test(document.fileName)) news.postpone();
    }),
  );
  parts.add(
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('shipshape.engine.host')) void listeners.onEngineSetting();
      if (event.affectsConfiguration('shipshape.images.checkEvery')) void listeners.planImages();
      const isOfViews = ['shipshape.devContainers', 'shipshape.containers'].some((s) =>
        event.affectsConfiguration(s),
      );
      if (isOfViews) for (const view of listeners.views) view.relayout();
    }),
  );
  const files = parts.add(
    workspace.createFileSystemWatcher('**/{devcontainer.json,.devcontainer.json}', false, true, false),
  );
  parts.add(files.onDidCreate(() => void configs.walk()));
  parts.add(files.onDidDelete(() => void configs.walk()));
  return parts;
}
