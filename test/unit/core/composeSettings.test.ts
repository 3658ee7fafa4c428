import { describe, expect, test } from 'vitest';
import { labelledProperties } from '../../../src/core/madeFrom';
import { settingsDiff } from '../../../src/core/settingsDiff';
import { container } from '../../support/fakeEngine';
import { made } from '../../support/madeContainer';

describe('a container that plain Compose made', () => {
  const labels = { 'com.docker.compose.project': 'w', 'com.docker.compose.service': 'app' };
  const byCli = { 'devcontainer.local_folder': '/w' };
  const of = (more: Record<string, string> = {}) => container('a', { labels: { ...labels, ...more } });
  const changed = (config: Record<string, unknown>, facts = of()): (string | undefined)[] =>
    settingsDiff({ dockerComposeFile: 'compose.yml', service: 'app', ...config }, facts, made, 'in').map(
      ({ property }) => property,
    );

  test('lacks what the CLI would have added, as far as that can be told', () => {
    const config = {
      containerEnv: { A: '1', MODE: 'dev' },
      capAdd: ['NET_ADMIN'],
      features: { './mine': {} },
    };
    expect(changed(config)).toEqual(['capAdd', 'containerEnv.MODE', 'features../mine']);
    expect(changed({ containerEnv: { A: '1' }, init: true })).toEqual([]);
  });

  test('is not compared by what the CLI leaves to Compose, nor is one that the CLI made by what is in its label', () => {
    expect(changed({ runArgs: ['--cap-add=NET_ADMIN'], appPort: 1 })).toEqual([]);
    expect(changed({ containerEnv: { MODE: 'dev' } }, of(byCli))).toEqual([]);
  });

  test('has the label of its image, which says nothing of its configuration', () => {
    const metadata = { 'devcontainer.metadata': '[{"remoteUser":"vscode"}]' };
    expect(labelledProperties(of(metadata))).toBeUndefined();
    expect(labelledProperties(of({ ...metadata, ...byCli }))).toEqual({ remoteUser: 'vscode' });
  });
});
