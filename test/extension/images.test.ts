import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Container, ImageCheck } from '../../src/api';
import { docker, shipshape } from './shipshape';

describe('the status of images', () => {
  let id = '';
  before(() => {
    id = docker('run', '-d', 'shipshape-test/base:1', 'sleep', '1d');
  });
  after(() => docker('rm', '-f', id));

  /** The container as the snapshot has it; events may take a moment. */
  async function seen(): Promise<Container> {
    await vscode.commands.executeCommand('shipshape.refresh');
    const found = (await (await shipshape()).snapshot()).containers.find((each) => each.id === id);
    assert.ok(found, 'the container is not there');
    return found;
  }

  it('is not known before it is asked for, and in the snapshot afterwards', async () => {
    const { key, check } = await seen();
    assert.equal(check, undefined);
    const [found, ...others] = await (await shipshape()).checkImages({ keys: [key] });
    assert.deepEqual([found?.status, found?.reason], ['skipped', 'built locally']);
    assert.deepEqual(others, []);
    assert.deepEqual((await seen()).check, found);
  });

  it('is what both commands give, for a container or for all', async () => {
    for (const command of ['shipshape.checkImages', 'shipshape.recheckImages']) {
      const one = await vscode.commands.executeCommand<ImageCheck[]>(command, { containerId: id });
      assert.deepEqual(
        one.map(({ status }) => status),
        ['skipped'],
      );
    }
    const all = await vscode.commands.executeCommand<ImageCheck[]>('shipshape.checkImages');
    assert.equal(all.length, (await (await shipshape()).snapshot()).containers.length);
  });

  it('is refused for what is not there', async () => {
    const api = await shipshape();
    await assert.rejects(
      api.checkImages({ keys: ['nothing'] }),
      /There is no container or dev container nothing/,
    );
  });
});
