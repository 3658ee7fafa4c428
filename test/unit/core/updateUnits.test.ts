import { expect, it } from 'vitest';
import { unitsOf } from '../../../src/core/updateUnits';
import { container } from '../../support/fakeEngine';

let made = 0;
const facts = ({ labels }: { labels: Record<string, string> }) =>
  container((made++ % 16).toString(16), { labels });

const dev = { 'devcontainer.local_folder': '/w', 'devcontainer.config_file': '/w/.devcontainer.json' };
const compose = { 'com.docker.compose.project': 'shop' };

it('puts what one owner made into one unit, in the order of the list', () => {
  const web = facts({ labels: compose });
  const plain = facts({ labels: {} });
  const db = facts({ labels: compose });
  const pod = facts({ labels: { PODMAN_SYSTEMD_UNIT: 'mail.service' } });
  const task = facts({ labels: { 'com.docker.swarm.service.name': 'api' } });
  expect(unitsOf('e', [web, plain, db, pod, task])).toEqual([
    { kind: 'compose', engine: 'e', name: 'shop', containers: [web, db] },
    { kind: 'container', engine: 'e', name: `e|${plain.id}`, containers: [plain] },
    { kind: 'systemd', engine: 'e', name: 'mail.service', containers: [pod] },
    { kind: 'service', engine: 'e', name: 'api', containers: [task] },
  ]);
});

it.each([
  ['a dev container wins over its Compose project', { ...dev, ...compose }, 'devContainer'],
  ['a systemd unit wins over a Compose project', { PODMAN_SYSTEMD_UNIT: 'a', ...compose }, 'systemd'],
  ['an empty label is none', { PODMAN_SYSTEMD_UNIT: '', 'com.docker.compose.project': '' }, 'container'],
])('%s', (_, labels, kind) => {
  expect(unitsOf('e', [facts({ labels })])).toMatchObject([{ kind }]);
});

it('keeps containers of equal names in projects, units and services apart', () => {
  const all = ['com.docker.compose.project', 'PODMAN_SYSTEMD_UNIT', 'com.docker.swarm.service.name'];
  expect(
    unitsOf(
      'e',
      all.map((label) => facts({ labels: { [label]: 'same' } })),
    ),
  ).toHaveLength(3);
});
