import { expect, test } from 'vitest';
import type { BaseImage, ImageFacts } from '../../../src/core/imagePorts';
import { container, devContainer } from '../../support/fakeEngine';
import { A, B, sha } from '../../support/imageGround';
import { FILE, OLD, replace, started } from '../../support/recreateCases';

const base = (reference: string, service?: string): BaseImage => ({
  ...{ reference, input: 'Dockerfile', file: '/w/Dockerfile', isBegunWith: true },
  ...(service === undefined ? {} : { service }),
});
const facts = (id: string, ...repoDigests: string[]): ImageFacts => ({
  ...{ id, repoDigests, repoTags: [], layers: [] },
  platform: { os: 'linux', architecture: 'amd64' },
});

async function ground() {
  const core = await started([devContainer('a', '/w', FILE)]);
  const { engine } = core;
  core.inputReader.bases = [
    base('debian:12'),
    base(`pinned@${A}`),
    base('mine:1'),
    base('postgres:16', 'db'),
    base('gone:1'),
  ];
  for (const [name, id, digest] of [
    ['debian:12', sha('1'), `debian@${A}`],
    ['mine:1', sha('2')],
    ['postgres:16', sha('3'), `postgres@${A}`],
  ] as const) {
    engine.images.set(name, id);
    engine.imageFacts.set(id, facts(id, ...(digest === undefined ? [] : [digest])));
  }
  engine.pulls.set('debian:12', facts(sha('8'), `debian@${B}`));
  engine.pulls.set('gone:1', facts(sha('9'), `gone@${A}`));
  core.cli.run = (request) => {
    engine.calls.push('CLI');
    return replace(core, request);
  };
  const steps = () => engine.calls.filter((call) => call === 'CLI' || call.startsWith('pull'));
  return { ...core, steps };
}

test('what a dev container is made on is pulled before the CLI comes: what a registry has, and the engine has no copy of its own of', async () => {
  const { recreate, key, steps, board } = await ground();
  const lines: string[] = [];
  const phases: (string | undefined)[] = [];
  board.onDidLog((batch) => lines.push(...batch.lines.map(({ text }) => text)));
  board.onDidChange(() => phases.push(board.get(key)?.phase));
  expect(await recreate.run('recreate', key, { pullsBases: true })).toMatchObject({ outcome: 'succeeded' });
  expect(steps()).toEqual(['pull debian:12', 'pull gone:1', 'CLI']);
  expect(lines).toContain(`debian:12 pulled: ${sha('1')} → ${sha('8')}`);
  expect(phases).toContain('pulling debian:12');
});

test('nothing is pulled for another recreate', async () => {
  const { recreate, key, steps } = await ground();
  await recreate.run('recreate', key);
  expect(steps()).toEqual(['CLI']);
});

test('a pull that fails leaves everything as it was, and says why', async () => {
  const { recreate, key, steps, engine, item } = await ground();
  engine.pulls.delete('debian:12');
  const outcome = await recreate.run('recreate', key, { pullsBases: true });
  expect(outcome).toMatchObject({
    outcome: 'failed',
    failure: { message: expect.stringContaining('There is no debian:12.') as string },
  });
  expect(steps()).toEqual(['pull debian:12']);
  expect([...engine.containers.keys()]).toEqual([OLD]);
  expect(item()).toMatchObject({ containerId: OLD, state: container('a').state });
});
