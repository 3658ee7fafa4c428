import { commands, window } from 'vscode';
import type { Disposable, Snapshot } from '../api';
import { DisposableStore, toDisposable } from '../common/disposable';
import type { Inventory } from '../core/inventory';

/** What the welcome texts are chosen by. */
type ViewState = 'loading' | 'ready' | 'empty' | 'missing' | 'denied' | 'silent' | 'failed';

/** Keeps the context keys true: which welcome text fits, and how many dev containers are dirty or busy. */
export function keepContextKeys(inventory: Inventory): Disposable {
  const parts = new DisposableStore();
  const known = new Map<string, unknown>();
  const set = (key: string, value: unknown): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void commands.executeCommand('setContext', `shipshape.${key}`, value);
  };
  let isOver = false;
  let isReady = false;
  const update = (snapshot: Snapshot): void => {
    if (isOver) return;
    set('state', isReady ? stateOf(snapshot) : 'loading');
    set('dirtyCount', snapshot.devContainers.filter((item) => item.dirty).length);
    set('busyCount', snapshot.devContainers.filter((item) => item.activity !== 'idle').length);
  };
  update(inventory.snapshot);
  parts.add(toDisposable(() => (isOver = true)));
  parts.add(inventory.onDidChange(({ snapshot }) => update(snapshot)));
  const ready = inventory.ready().then((snapshot) => {
    isReady = true;
    update(snapshot);
  });
  void window.withProgress({ location: { viewId: 'shipshape.devContainers' } }, () => ready);
  return parts;
}

function stateOf({ engines, devContainers }: Snapshot): ViewState {
  const down = engines.find((engine) => engine.status === 'unavailable');
  const isUp = engines.some((engine) => engine.status === 'ready');
  if (down && !isUp)
    return down.errorKind === undefined || down.errorKind === 'other' ? 'failed' : down.errorKind;
  if (!isUp) return 'loading';
  return devContainers.length === 0 ? 'empty' : 'ready';
}
