import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { shipshape } from './shipshape';

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly main: string;
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly category: string;
      readonly icon?: string;
    }[];
    readonly menus: Readonly<
      Record<string, readonly { readonly command: string; readonly group?: string }[]>
    >;
    readonly configuration: {
      readonly properties: Readonly<Record<string, { scope: string; type: string }>>;
    };
  };
}

describe('package.json', () => {
  const extension = vscode.extensions.getExtension('shipshape.shipshape');
  const manifest = extension?.packageJSON as Manifest;
  const commands = () => manifest.contributes.commands;

  it('lists the very commands that are registered', async () => {
    await shipshape();
    const registered = await vscode.commands.getCommands(true);
    const ours = registered.filter((id) => /^shipshape\.[a-zA-Z]+$/.test(id));
    assert.deepEqual(
      ours.sort(),
      commands()
        .map(({ command }) => command)
        .sort(),
    );
    for (const { category } of commands()) assert.equal(category, 'Shipshape');
  });

  it('puts at most three actions on a row, each with an icon', () => {
    const inline = (manifest.contributes.menus['view/item/context'] ?? []).filter(({ group }) =>
      group?.startsWith('inline'),
    );
    assert.deepEqual([...new Set(inline.map(({ group }) => group))].sort(), [
      'inline@1',
      'inline@2',
      'inline@3',
    ]);
    for (const { command } of inline) {
      assert.ok(
        commands().find((candidate) => candidate.command === command)?.icon,
        `${command} has no icon`,
      );
    }
  });

  it('keeps what names programs, sockets and secrets out of the hands of workspaces', () => {
    const properties = manifest.contributes.configuration.properties;
    const risky = Object.keys(properties).filter((name) => /path|host|secrets|credentials/i.test(name));
    assert.ok(risky.length >= 4);
    for (const name of risky) {
      assert.equal(properties[name]?.scope, 'machine', name);
      assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name), name);
    }
  });

  it('activates for views, commands and workspaces with a configuration, not at every start', () => {
    for (const event of manifest.activationEvents) assert.match(event, /^workspaceContains:/);
    assert.ok(existsSync(join(extension?.extensionPath ?? '', manifest.main)));
  });
});
