import { window, workspace } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { Configs } from '../core/configs';
import type { Engines } from '../core/engines';
import type { News } from '../core/news';
import type { Trust } from './trust';

export interface WorkspaceListeners {
  readonly configs: Configs;
  /** Looks at the watched files whatever the watcher has heard. */
  readonly watcher: { check(): Promise<void> };
  readonly news: News;
  readonly engines: Engines;
  readonly trust: Trust;
  readonly views: readonly { relayout(): void }[];
  readonly onEngineSetting: () => Promise<void>;
}

/** Passes on what happens in the editor: folders, trust, focus, typing, settings, files. */
export function listenToWorkspace(listeners: WorkspaceListeners): Disposable {
  const { configs, watcher, news, engines, trust } = listeners;
  const parts = new DisposableStore();
  parts.add(
    workspace.onDidChangeWorkspaceFolders(() => {
      void trust.remember();
      void configs.setFolders(trust.folders);
    }),
  );
  parts.add(workspace.onDidGrantWorkspaceTrust(() => void trust.remember()));
  parts.add(
    window.onDidChangeWindowState(({ focused }) => {
      if (!focused) return;
      void watcher.check();
      // Within ten seconds of the last list this costs nothing.
      for (const store of engines.stores) void store.get().catch(() => undefined);
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
