import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { ShipshapeApi } from '../../src/api';
import { outputMark } from '../../test/support/outputMark';

/** Runs in the extension host: a job whose CLI floods the log, and how long the host was blocked meanwhile. */
export async function run(): Promise<void> {
  const api = await vscode.extensions.getExtension<ShipshapeApi>('shipshape.shipshape')?.activate();
  const workspaceFolder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (!api || workspaceFolder === undefined) throw new Error('The extension or the folder is not there.');
  await api.snapshot();
  // The editor's own start-up must not count.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const lag = monitorEventLoopDelay({ resolution: 5 });
  lag.enable();
  const began = performance.now();
  const outcome = await api.up({ workspaceFolder });
  const tookMs = performance.now() - began;
  lag.disable();
  const worstMs = lag.max / 1e6 - 5;
  console.log(outputMark + JSON.stringify({ tookMs, worstMs, outcome: outcome.outcome }));
}
