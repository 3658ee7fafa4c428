import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const checkout = process.cwd();

/** One file for each arrow nobody may draw, and the rule that has to say so. */
const planted = {
  'src/core/plantedEditor.ts': ["import 'vscode';", 'only-ui-knows-vscode'],
  'src/core/plantedIo.ts': ["import 'node:fs';", 'core-does-no-io'],
  'src/core/plantedAdapter.ts': ["import '../engine/planted';", 'core-knows-only-common'],
  'src/engine/planted.ts': ["import '../storage/planted';", 'engine-knows-only-core-and-common'],
  'src/storage/planted.ts': ["import '../ui/planted';", 'storage-knows-only-core-and-common'],
  'src/registry/planted.ts': ["import '../engine/planted';", 'registry-knows-only-core-and-common'],
  'src/ui/planted.ts': ["import '../devcontainers/planted';", 'ui-knows-only-core-and-common'],
  'src/devcontainers/planted.ts': ["import './missing';", 'resolvable'],
  'src/common/planted.ts': ["import './planted';", 'no-circular'],
  'test/unit/planted.test.ts': ["import 'vscode';", 'tests-mock-no-vscode'],
} as const;

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { from: string; rule: { name: string } }[];
  };
}

let copy: string;
let cruise: Cruise;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'shipshape-rules-'));
  for (const name of ['src', '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    cpSync(join(checkout, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, [line]] of Object.entries(planted)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), `${line}\n`);
  }
  cruise = runCruise(copy);
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

it.each(Object.entries(planted).map(([file, [, rule]]) => ({ file, rule })))(
  '$rule sees $file',
  ({ file, rule }) => {
    const rules = cruise.summary.violations.filter(({ from }) => from === file).map((each) => each.rule.name);
    expect(rules).toContain(rule);
  },
);

it('looks at every module, not at none', () => {
  expect(cruise.summary.totalCruised).toBeGreaterThan(20);
});

/** It ends with an exit code when it finds something, and with what it found on stdout. */
function runCruise(folder: string): Cruise {
  const script = join(checkout, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [script, 'src', 'test', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  return JSON.parse(execFileSync(process.execPath, args, options)) as Cruise;
}
