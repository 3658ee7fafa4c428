import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import {
  configFile,
  docker,
  folder,
  itemOf,
  itemWhere,
  removeContainers,
  shipshape,
  withConfig,
} from './shipshape';

describe('the main job in the extension host', () => {
  const target = { workspaceFolder: folder };

  before(async () => {
    const api = await shipshape();
    const outcome = await api.up(target);
    assert.equal(outcome.outcome, 'succeeded', JSON.stringify(outcome));
  });

  after(removeContainers);

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
    assert.deepEqual(saidOf(configFile), []);
    await withConfig(
      () => '{\n  "build": { "dockerfile": 5 }\n}\n',
      async () => {
        await untilSaid(() => saidOf(configFile).length > 0);
        assert.deepEqual(saidOf(configFile), ['1 1:13-25 "build.dockerfile" must be a text.']);
      },
    );
    await untilSaid(() => saidOf(configFile).length === 0);
  });

  it("says of broken JSON once what is wrong: in an open file it is the editor's to say", async () => {
    const errors = (): (string | undefined)[] =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(configFile))
        .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)
        .map(({ source }) => source);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await withConfig(
      () => '{\n  "image": \n}\n',
      async () => {
        await untilSaid(() => errors().join() === 'Shipshape');
        await vscode.window.showTextDocument(vscode.Uri.file(configFile));
        await untilSaid(() => errors().join() === 'jsonc');
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
        await untilSaid(() => errors().join() === 'Shipshape');
      },
    );
    await untilSaid(() => errors().length === 0);
  });

  it('says of a copied file that is not there so, at its line of the Dockerfile', async () => {
    const file = join(dirname(configFile), 'Dockerfile');
    const text = readFileSync(file, 'utf8');
    const line = text.trimEnd().split('\n').length;
    writeFileSync(file, `${text.trimEnd()}\nCOPY nowhere /\n`);
    try {
      await untilSaid(() => saidOf(file).length > 0);
      const [said = ''] = saidOf(file);
      assert.match(said, new RegExp(`^1 ${line}:0-0 \`nowhere\` is not in the build context`));
    } finally {
      writeFileSync(file, text);
    }
    await untilSaid(() => saidOf(file).length === 0);
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

/** What Shipshape says among the problems of a file: severity, place, words. */
function saidOf(file: string): string[] {
  return vscode.languages
    .getDiagnostics(vscode.Uri.file(file))
    .filter(({ source }) => source === 'Shipshape')
    .map(
      ({ message, range, severity }) =>
        `${severity} ${range.start.line}:${range.start.character}-${range.end.character} ${message}`,
    );
}

/** Settles once this holds of the problems; rejects after `ms` milliseconds with those that there are. */
function untilSaid(holds: () => boolean, ms = 15_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      listening.dispose();
      const all = vscode.languages.getDiagnostics().flatMap(([uri, each]) => [uri.path, ...each]);
      reject(new Error(`Not so within ${ms} ms: ${JSON.stringify(all)}`));
    }, ms);
    const check = (): void => {
      if (!holds()) return;
      clearTimeout(late);
      listening.dispose();
      resolve();
    };
    const listening = vscode.languages.onDidChangeDiagnostics(check);
    check();
  });
}
