import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension', () => {
  it('is found and activates', async () => {
    const extension = vscode.extensions.getExtension('shipshape.shipshape');
    assert.ok(extension, 'shipshape.shipshape is not there');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
