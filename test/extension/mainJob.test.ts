import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { configFile, docker, folder, itemOf, itemWhere, shipshape, withConfig } from './shipshape';

describe('the main job in the extension host', () => {
  const target = { workspaceFolder: folder };

  before(async () => {
    const api = await shipshape();
    const outcome = await api.up(target);
    assert.equal(outcome.outcome, 'succeeded', JSON.stringify(outcome));
  });

  after(() => {
    for (const id of docker('ps', '-aq', '--filter', `label=devcontainer.local_folder=${folder}`).split(
      '\n',
    )) {
      if (id) docker('rm', '-f', id);
    }
  });

  it('lists the dev container as running, and clean', async () => {
    const item = itemOf(await (await shipshape()).snapshot());
    assert.equal(item.state, 'running');
    assert.equal(item.name, 'Sample');
    assert.equal(item.configFile, configFile);
    assert.deepEqual([item.dirty, item.changes], [false, []]);
  });

  it('is dirty after a save, and clean once the save is undone', async () => {
    await withConfig(
      (text) => text.replace('"ahoy"', '"hello"'),
      async () => {
        const item = await itemWhere((candidate) => candidate.dirty);
        assert.deepEqual(item.changes, [
          {
            input: '.devcontainer/devcontainer.json',
            property: 'containerEnv.GREETING',
            from: '"ahoy"',
            to: '"hello"',
            effect: 'recreate',
            file: configFile,
            line:
              readFileSync(configFile, 'utf8')
                .split('\n')
                .findIndex((line) => line.includes('GREETING')) + 1,
          },
        ]);
      },
    );
    await itemWhere((candidate) => !candidate.dirty);
  });

  it('is recreated by the command, keeps its key, and has a new container', async () => {
    await withConfig(
      (text) => text.replace('"ahoy"', '"changed"'),
      async () => {
        const before = await itemWhere((candidate) => candidate.dirty);
        const outcome = await vscode.commands.executeCommand<{ outcome: string; containerId: string }>(
          'shipshape.recreate',
          { ...target, confirm: false },
        );
        assert.equal(outcome.outcome, 'succeeded');
        const now = itemOf(await (await shipshape()).snapshot());
        assert.deepEqual([now.key, now.dirty, now.containerId], [before.key, false, outcome.containerId]);
        assert.notEqual(now.containerId, before.containerId);
        assert.equal(docker('inspect', '-f', '{{.State.Running}}', outcome.containerId), 'true');
        assert.match(docker('exec', outcome.containerId, 'env'), /GREETING=changed/);
      },
    );
    await itemWhere((candidate) => candidate.dirty);
    await vscode.commands.executeCommand('shipshape.recreate', { ...target, confirm: false });
    await itemWhere((candidate) => !candidate.dirty && candidate.activity === 'idle');
  });

  it('markClean accepts the present configuration', async () => {
    await withConfig(
      (text) => text.replace('"ahoy"', '"accepted"'),
      async () => {
        await itemWhere((candidate) => candidate.dirty);
        await vscode.commands.executeCommand('shipshape.markClean', target);
        await itemWhere((candidate) => !candidate.dirty);
      },
    );
    // What it was really made from is no change either.
    await itemWhere((candidate) => !candidate.dirty);
    await vscode.commands.executeCommand('shipshape.markClean', target);
  });

  it('showChanges opens the diff of what the container was made from and today', async () => {
    await withConfig(
      (text) => text.replace('"ahoy"', '"shown"'),
      async () => {
        await itemWhere((candidate) => candidate.dirty);
        await vscode.commands.executeCommand('shipshape.showChanges', target);
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        assert.ok(input instanceof vscode.TabInputTextDiff);
        const left = await vscode.workspace.openTextDocument(input.original);
        assert.match(left.getText(), /"ahoy"/);
        assert.equal(input.modified.fsPath, configFile);
      },
    );
  });

  it('tells all changes in words, where no old text is known', async () => {
    await withConfig(
      (text) => text.replace('"ahoy"', '"told"'),
      async () => {
        const { key, containerId } = await itemWhere((candidate) => candidate.changes[0]?.to === '"told"');
        const query = JSON.stringify({ key, containerId });
        const uri = vscode.Uri.from({ scheme: 'shipshape-made-from', path: '/Changes of Sample', query });
        const text = (await vscode.workspace.openTextDocument(uri)).getText();
        assert.match(text, /^What changed since the container of Sample was made\n/);
        assert.match(
          text,
          /\n\.devcontainer\/devcontainer\.json\n {2}containerEnv\.GREETING .* → "told", needs recreate\n/,
        );
      },
    );
  });

  it('puts what is wrong in the configuration among the problems, and takes it away again', async () => {
    const uri = vscode.Uri.file(configFile);
    const ours = (): string[] =>
      vscode.languages
        .getDiagnostics(uri)
        .filter(({ source }) => source === 'Shipshape')
        .map(
          ({ message, range, severity }) =>
            `${severity} ${range.start.line}:${range.start.character}-${range.end.character} ${message}`,
        );
    const until = (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds()) return;
          listening.dispose();
          resolve();
        };
        const listening = vscode.languages.onDidChangeDiagnostics(check);
        check();
      });
    assert.deepEqual(ours(), []);
    await withConfig(
      () => '{\n  "build": { "dockerfile": 5 }\n}\n',
      async () => {
        await until(() => ours().length > 0);
        assert.deepEqual(ours(), ['1 1:13-25 "build.dockerfile" must be a text.']);
      },
    );
    await until(() => ours().length === 0);
  });

  it('refuses a target that is none, by name', async () => {
    const api = await shipshape();
    await assert.rejects(api.recreate({ workspaceFolder: '/nowhere' }), /no dev container for \/nowhere/);
    await assert.rejects(api.recreate({} as { workspaceFolder: string }), /workspaceFolder/);
    await assert.rejects(
      async () => vscode.commands.executeCommand('shipshape.recreate', { containerId: '../images' }),
      /not a container id/,
    );
  });

  it('gives other extensions copies', async () => {
    const api = await shipshape();
    const mine = await api.snapshot();
    (mine.devContainers as unknown[]).length = 0;
    itemOf(await api.snapshot());
  });
});
