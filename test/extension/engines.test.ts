import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Engine } from '../../src/api';
import { itemOf, shipshape } from './shipshape';

describe('the choice of engines', () => {
  const NOWHERE = 'unix:///nowhere/podman.sock';
  const choose = async (...engines: readonly string[]): Promise<readonly Engine[]> => {
    await vscode.commands.executeCommand('shipshape.selectEngine', { engines });
    return (await (await shipshape()).snapshot()).engines;
  };

  after(() => choose());

  it('is the docker command’s own at first', async () => {
    const { engines } = await (await shipshape()).snapshot();
    const host = process.env['SHIPSHAPE_TEST_DOCKER_HOST'];
    assert.deepEqual(
      engines.map(({ key, status }) => [key, status]),
      [[host, 'ready']],
    );
  });

  it('can be several; one that is not there keeps nothing of the other away', async () => {
    const engines = await choose('docker', NOWHERE);
    assert.deepEqual(
      engines.map(({ name, status, errorKind }) => [name, status, errorKind]),
      [
        ['Docker', 'ready', undefined],
        ['Podman', 'unavailable', 'missing'],
      ],
    );
    itemOf(await (await shipshape()).snapshot());
  });

  it('shows a chosen one alone, and comes back to the docker command’s own', async () => {
    assert.deepEqual((await choose(NOWHERE)).map(({ name }) => name), ['Podman']); // prettier-ignore
    assert.deepEqual((await choose()).map(({ name, status }) => [name, status]), [['Docker', 'ready']]); // prettier-ignore
  });

  it('asks with a list that shows at once and goes away on Escape', async () => {
    const asked = vscode.commands.executeCommand('shipshape.selectEngine');
    let over = false;
    void asked.then(() => (over = true));
    while (!over) {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { engines } = await (await shipshape()).snapshot();
    assert.deepEqual(engines.map(({ name }) => name), ['Docker']); // prettier-ignore
  });
});
