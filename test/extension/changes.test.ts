import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { configFile, folder, itemWhere, removeContainers, shipshape } from './shipshape';

describe('the changes of a dev container', () => {
  const dockerfile = join(dirname(configFile), 'Dockerfile');
  const blob = join(dirname(configFile), 'blob');
  const original = readFileSync(dockerfile, 'utf8');
  const bytes = (last: number): Uint8Array => Uint8Array.of(0, 1, last);
  const show = async (): Promise<vscode.Tab | undefined> => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('shipshape.showChanges', { workspaceFolder: folder });
    return vscode.window.tabGroups.activeTabGroup.activeTab;
  };

  before(async () => {
    writeFileSync(blob, bytes(1));
    writeFileSync(dockerfile, `${original}COPY blob /\n`);
    const outcome = await (await shipshape()).up({ workspaceFolder: folder });
    assert.equal(outcome.outcome, 'succeeded', JSON.stringify(outcome));
    await itemWhere((item) => !item.dirty);
  });

  after(() => {
    writeFileSync(dockerfile, original);
    rmSync(blob, { force: true });
    removeContainers();
  });

  it('in files without text are told in words, in one editor', async () => {
    writeFileSync(blob, bytes(2));
    await itemWhere((item) => item.dirty);
    const input = (await show())?.input;
    assert.ok(input instanceof vscode.TabInputText);
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.match(document?.getText() ?? '', /\n\.devcontainer\/blob\n {2}blob changed, needs rebuild\n/);
    assert.equal(vscode.window.tabGroups.all.length, 1);
    writeFileSync(blob, bytes(1));
    await itemWhere((item) => !item.dirty);
  });

  it('in a file that is gone are told beside the line that names it', async () => {
    rmSync(blob);
    const { changes } = await itemWhere((item) => item.dirty);
    const line = original.split('\n').length;
    assert.deepEqual(changes[0]?.namedAt, { file: dockerfile, line });
    await show();
    const shown = vscode.window.visibleTextEditors.map(({ document }) => document.uri);
    assert.deepEqual(shown.map(({ scheme }) => scheme).sort(), ['file', 'shipshape-made-from']);
    assert.equal(shown.find(({ scheme }) => scheme === 'file')?.fsPath, dockerfile);
    writeFileSync(blob, bytes(1));
    await itemWhere((item) => !item.dirty);
  });

  it('show the old text of a file that is gone beside nothing', async () => {
    rmSync(dockerfile);
    await itemWhere((item) => item.dirty);
    const input = (await show())?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const [before, today] = [input.original, input.modified].map((uri) =>
      vscode.workspace.openTextDocument(uri),
    );
    assert.match((await before)?.getText() ?? '', /COPY blob/);
    assert.equal((await today)?.getText(), '');
    writeFileSync(dockerfile, `${original}COPY blob /\n`);
    await itemWhere((item) => !item.dirty);
  });
});
