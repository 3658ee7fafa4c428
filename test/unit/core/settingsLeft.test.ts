/** A container that nobody recorded keeps the settings that its configuration asked for once. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import type { ContainerDetails } from '../../../src/core/containerDetails';
import { CLEAN } from '../../../src/core/snapshot';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';

const FOLDER = '/home/u/repo/app';
const FILE = `${FOLDER}/.devcontainer/devcontainer.json`;
const CREATED = 1_700_000_000_000;
const image = 'debian:12';
const disk = new FakeDisk();
const workspace = { type: 'bind', source: FOLDER, target: '/workspaces/app' };
/** What an engine says of a container of which nothing was asked. */
const plain: ContainerDetails = {
  imageReference: image,
  env: ['PATH=/bin'],
  mounts: [workspace],
  user: '',
  hostname: devContainer('a', FOLDER, FILE).id.slice(0, 12),
  privileged: false,
  init: false,
  capAdd: [],
  securityOpt: [],
  portBindings: [],
  networkMode: 'bridge',
  networks: ['bridge'],
  pidMode: '',
  ipcMode: 'private',
  shmSize: 64 * 1024 ** 2,
  memory: 0,
  nanoCpus: 0,
  devices: [],
};
const podman = { ...plain, env: ['container=podman'], networks: ['podman'], shmSize: 65_536_000 };

function judge(
  config: Record<string, unknown>,
  details: ContainerDetails,
  afterMs: number,
  entries: unknown[] = [],
) {
  const drift = new Drift(new FakeRecords(), disk, () => judging, silentLogger);
  const labels = { 'devcontainer.metadata': JSON.stringify(entries) };
  const container = devContainer('a', FOLDER, FILE, { createdAt: CREATED, image, labels });
  const subject = { engine: 'e', container, workspaceFolder: FOLDER, configFile: FILE, skewMs: 0 };
  const reading = disk.put(FILE, { image, ...config }, CREATED + afterMs);
  const verdict = drift.judge(subject, {
    reading,
    details,
    inputs: { readings: [], files: [], folders: [] },
  });
  return { verdict, isAdopted: drift.madeFrom('e', container.id) !== undefined };
}

const mounted = (type: string, source: string, target: string): Partial<ContainerDetails> => ({
  mounts: [workspace, { type, source, target }],
});
const volume = (more: object): Partial<ContainerDetails> => ({
  mounts: [workspace, { type: 'volume', source: 'vol', target: '/x', isReadOnly: false, ...more }],
});
const port = { containerPort: 3000, protocol: 'tcp', hostPort: 3000 };

test.each<[string, Partial<ContainerDetails>, Record<string, unknown>?]>([
  ['a limit of memory', { memory: 512 * 1024 ** 2 }],
  ['a limit of memory, of two options', { memory: 5, nanoCpus: 1e9 }, { runArgs: ['--cpus=1'] }],
  ['processors', { nanoCpus: 1_000_000_000 }],
  ['shared memory', { shmSize: 1024 ** 3 }],
  ['no network', { networkMode: 'none', networks: ['none'] }],
  ['the network of the host', { networkMode: 'host' }],
  ['a network', { networkMode: 'mine', networks: ['mine'] }],
  ['a network of Podman', { ...podman, networks: ['mine'] }],
  ['the processes of the host', { pidMode: 'host' }],
  ['the memory of the host', { ipcMode: 'host' }],
  ['a host name', { hostname: 'boxy' }],
  ['a folder', mounted('bind', '/tmp', '/t')],
  ['a volume', mounted('volume', 'vol', '/x')],
  ['memory for files', mounted('tmpfs', '', '/tf')],
  ['another place of the workspace', { mounts: [{ ...workspace, target: '/w' }] }],
  ['a published port', { portBindings: [port] }],
  ['another published port', { portBindings: [port, { ...port, hostPort: 1 }] }, { appPort: 3000 }],
  ['all privileges', { privileged: true }],
  ['an init process', { init: true }],
  ['a capability', { capAdd: ['CAP_SYS_PTRACE'] }],
  ['a security option', { securityOpt: ['seccomp=unconfined'] }],
  ['a device', { devices: [{ onHost: '/dev/null', inContainer: '/dev/nn' }] }],
  ['a variable', { env: ['PATH=/bin', 'A=1'], imageEnv: ['PATH=/bin'] }],
  ['another value than the image has', { env: ['A=1', 'B=1'], imageEnv: ['A=2'] }, { runArgs: ['-eB=1'] }],
  ['a user', { user: 'u', imageUser: 'v' }],
  ['how a volume is labelled', volume({ hasMore: true }), { runArgs: ['-v', 'vol:/x'] }],
  // The engine does not say whether it is read-only.
  ['how a volume is mounted', mounted('volume', 'vol', '/x'), { runArgs: ['-v', 'vol:/x'] }],
])('%s that is left of an earlier configuration', (_, more, config = {}) => {
  const details = { ...plain, ...more };
  const later = judge(config, details, 1000);
  expect(later.verdict).toMatchObject({ dirty: true, changes: [{ effect: 'unknown', probable: true }] });
  expect(later.isAdopted).toBe(false);
  // A file that is older than the container is what it was made from, whoever set what it has.
  expect(judge(config, details, -1000)).toEqual({ verdict: CLEAN, isAdopted: true });
});

const feature = {
  ...{ id: 'ghcr.io/a/b/c:1', privileged: true, init: true },
  mounts: [{ type: 'volume', source: 'dind-${devcontainerId}', target: '/var/lib/${x}' }],
};

test.each<[string, Partial<ContainerDetails>, Record<string, unknown>?, unknown[]?]>([
  ['nothing', {}],
  ['nothing, by Podman', podman],
  ['what the engine does not tell', { mounts: undefined, portBindings: undefined } as object],
  ['a volume of the image', mounted('volume', '0123456789abcdef'.repeat(4), '/data')],
  ['the volume of an editor', mounted('volume', 'vscode', '/vscode')],
  ['the socket of an editor', mounted('bind', '/run/wayland-0', '/tmp/vscode-wayland-1.sock')],
  [
    'the repository around the workspace',
    { mounts: [{ type: 'bind', source: '/host_mnt/home/u/repo', target: '/workspaces/repo' }] },
  ],
  [
    'what a Feature of the image brings',
    { ...mounted('volume', 'dind-1', '/var/lib/docker'), privileged: true, init: true, securityOpt: ['a=b'] },
    {},
    [feature],
  ],
  [
    'what is asked for',
    { memory: 1024 ** 2, networkMode: 'none', hostname: 'boxy', shmSize: 2 * 1024 ** 2 },
    { runArgs: ['--memory=1m', '--network', 'none', '-h', 'boxy', '--shm-size=2m'] },
  ],
  ['a volume that is asked for', volume({}), { runArgs: ['-v', 'vol:/x'] }],
  ['a read-only one', volume({ isReadOnly: true }), { runArgs: ['--mount', 'src=vol,dst=/x,readonly'] }],
  [
    'variables of the image, the engine, a proxy, the configuration, a Feature and an option',
    {
      env: ['PATH=/bin', 'I=1', 'container=podman', 'http_proxy=x', 'A=1', 'F=1', 'O=1'],
      imageEnv: ['PATH=/bin', 'I=1'],
    },
    { containerEnv: { A: '1' }, runArgs: ['--env', 'O=1'] },
    [{ id: 'x', containerEnv: { F: '1' } }, { containerEnv: { A: '1' } }],
  ],
  ['the user of the image', { user: 'u', imageUser: 'u' }],
  ['the user that is asked for', { user: 'u', imageUser: '' }, { runArgs: ['--user=u'] }],
  [
    'ports that are asked for',
    { portBindings: [port, { ...port, hostPort: 1 }] },
    { appPort: 3000, runArgs: ['-p', '1:3000'] },
  ],
  [
    'rights that are asked for',
    {
      ...{ init: true, capAdd: ['CAP_SYS_PTRACE'], securityOpt: ['seccomp={}', 'label=disable'] },
      devices: [{ onHost: '/dev/null', inContainer: '/dev/null' }],
    },
    { runArgs: ['--init', '--cap-add=SYS_PTRACE', '--device', '/dev/null:/dev/null'] },
    [{ id: 'x', securityOpt: ['seccomp=unconfined'] }],
  ],
])('%s is no trace of an earlier configuration', (_, more, config = {}, entries = []) => {
  expect(judge(config, { ...plain, ...more }, 1000, entries)).toEqual({ verdict: CLEAN, isAdopted: true });
});

test('what the configuration itself had noted does not speak for what it asks for no more', () => {
  const details = { ...plain, ...mounted('volume', 'vol', '/x') };
  const noted = [{ mounts: ['source=vol,target=/x,type=volume'] }];
  expect(judge({}, details, 1000, noted)).toMatchObject({ verdict: { dirty: true }, isAdopted: false });
});
