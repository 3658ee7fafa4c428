import * as jsonc from 'jsonc-parser';
import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import type { ConfigReading } from '../../../src/core/ports';
import { placesIn } from '../../../src/devcontainers/jsonc';
import { FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';

vi.mock('jsonc-parser', { spy: true });

const FILE = '/w/.devcontainer/devcontainer.json';
const COUNT = 2000;

function reading(value: string): Extract<ConfigReading, { status: 'ok' }> {
  const variables = Array.from({ length: COUNT }, (_, at) => [`V${at}`, value]);
  const config = { containerEnv: Object.fromEntries(variables) as Record<string, string> };
  return { status: 'ok', text: JSON.stringify(config, null, 2), value: config, modifiedAt: 1 };
}

test('a file with thousands of changes is read once for their lines', () => {
  const drift = new Drift(new FakeRecords(), { placesIn }, () => judging, silentLogger);
  const container = devContainer('a', '/w', FILE);
  const subject = { engine: 'e', container, workspaceFolder: '/w', configFile: FILE, skewMs: 0 };
  drift.record(subject, 'created', { reading: reading('old'), inputs: [] });
  const { changes } = drift.judge(subject, { reading: reading('new') });
  expect(changes).toHaveLength(COUNT);
  const lines = changes.map(({ property = '', line }) => [property, line]);
  expect(lines).toContainEqual(['containerEnv.V0', 3]);
  expect(lines).toContainEqual([`containerEnv.V${COUNT - 1}`, COUNT + 2]);
  expect(vi.mocked(jsonc.parseTree)).toHaveBeenCalledOnce();
});
