import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knownFromSettings, settingsDiff } from '../../../src/core/settingsDiff';
import type { ContainerDetails } from '../../../src/core/containerDetails';
import { container } from '../../support/fakeEngine';
import { facts, image, made, podman } from '../../support/madeContainer';

const same: Record<string, unknown>[] = [
  { image: 'app:1' },
  { image: 'docker.io/library/app:1' },
  { containerEnv: { A: '1', B: 'two words' } },
  { containerEnv: {} },
  {
    mounts: ['source=vol,target=/vol,type=volume', 'type=bind,src=/tmp/,dst=/tmp2/', 'type=tmpfs,target=/tf'],
  },
  { mounts: ['target=/anon', { type: 'volume', source: 'vol', target: '/vol' }] },
  { workspaceMount: 'source=/tmp,target=/tmp2,type=bind,consistency=cached' },
  {
    runArgs: [
      '-e',
      'A=1',
      '--env=B=two words',
      '-eA=1',
      '-v',
      '/tmp:/tmp2',
      '-v=vol:/vol',
      '--volume',
      '/anon',
    ],
  },
  { runArgs: ['-v', '/usr:/usr2:ro,cached', '--mount', 'type=bind,src=/tmp,dst=/tmp2,readonly=false'] },
  { runArgs: ['--mount', 'type=bind,src=/usr,dst=/usr2,readonly'] },
  {
    runArgs: [
      '--mount',
      'type=tmpfs,target=/tf',
      '-p',
      '127.0.0.1:3000:3000',
      '--publish=53/udp',
      '-p',
      '5353:53/udp',
    ],
  },
  {
    runArgs: ['--network=mine', '--net', 'mine', '--shm-size=1g', '--shm-size', '1024mb', '--memory', '512m'],
  },
  { runArgs: ['-m512m', '--cpus=1.5', '-h', 'boxy', '--init', '--cap-add', 'sys_ptrace', '-u', 'user'] },
  { runArgs: ['--security-opt=seccomp:unconfined', '--device=/dev/null:/dev/nullx', '--name', 'boxy-one'] },
  { runArgs: ['--memory=1g', '--memory=512m'] },
  { appPort: 3000 },
  { appPort: [3000, '5353:53/udp'] },
  { init: true, privileged: false, containerUser: 'user' },
  { capAdd: ['SYS_PTRACE'], securityOpt: ['seccomp=unconfined', 'no-new-privileges:true'] },
];

/** Nobody can know. */
const unknown: Record<string, unknown>[] = [
  { image: '${localEnv:IMAGE}' },
  { image: 'other:1', build: { dockerfile: 'x' } },
  { image: 'other:1', features: { './mine': {} } },
  { image: 'a'.repeat(64) },
  { image: 7 },
  { runArgs: ['-v', '/tmp:/tmp2:z'] },
  { runArgs: ['--mount', 'type=bind,source=/tmp,target=/tmp2,readonly=0'] },
  { mounts: ['type=volume,source=vol,target=/vol,volume-nocopy'] },
  { containerEnv: { A: '${localEnv:A}' } },
  { containerEnv: { A: 1, B: null } },
  { containerEnv: { A: '2' }, runArgs: ['-e', 'A=1', '-e', 'X'] },
  { containerEnv: ['A'] },
  {
    mounts: [
      'source=${localEnv:HOME},target=/tmp2,type=bind',
      'source=x,target=${x},type=volume',
      '${localEnv:M}',
    ],
  },
  {
    mounts: [
      'type=bind,source=/c/x,target=/translated',
      'type=bind,"source=/a,b",target=/q',
      'type=npipe,target=/n',
    ],
  },
  { mounts: [7, { type: 1 }, null, 'nonsense'] },
  { mounts: 'x' },
  { workspaceMount: '' },
  { runArgs: ['--foo', 'bar', '-it', '--label', 'x=--init', '-e', 'HOME', '--env-file', 'x'] },
  {
    runArgs: ['-v', 'c:\\x:/y', '-v', '${localEnv:HOME}/.x:/x', '-p', '80-90:80-90', '--network=container:x'],
  },
  { runArgs: ['--name'] },
  { runArgs: 'x' },
  {
    runArgs: ['--cap-add=KILL', '--cap-add', 'ALL', '--security-opt', 'seccomp=profile.json', '--init=false'],
  },
  { runArgs: ['--device', 'vendor.com/class=name', '--cpus=many', '--shm-size=much'] },
  { appPort: [{}, null] },
  { init: false },
  { init: 'yes' },
  { containerUser: '${localEnv:USER}' },
  {
    features: {
      git: {},
      'https://x/y.tgz': {},
      'ghcr.io/a/b/c:2': {},
      './mine': {},
      'ghcr.io/a/b/d:1': false,
    },
  },
  {
    dockerComposeFile: 'x',
    service: 'y',
    image: 'other',
    runArgs: ['--init', '--name=z'],
    containerEnv: { Z: '1' },
  },
];

const different: [Record<string, unknown>, string, string | undefined][] = [
  [{ image: 'other:1' }, 'image', '"other:1"'],
  [{ image: 'app:2' }, 'image', '"app:2"'],
  [{ containerEnv: { A: '2', B: 'two words' } }, 'containerEnv.A', '"2"'],
  [{ containerEnv: { C: '' } }, 'containerEnv.C', '""'],
  [{ mounts: ['target=/anon', 'source=vol,target=/new'] }, 'mounts', '["source=vol,target=/new"]'],
  [{ mounts: ['source=other,target=/vol'] }, 'mounts', '["source=other,target=/vol"]'],
  [{ mounts: [{ type: 'bind', source: '/vol', target: '/vol' }] }, 'mounts', undefined],
  [{ mounts: ['type=bind,source=/var,target=/tmp2'] }, 'mounts', undefined],
  [{ mounts: ['source=${localEnv:X},target=/missing,type=bind'] }, 'mounts', undefined],
  [{ workspaceMount: 'source=/tmp,target=/ws,type=bind' }, 'workspaceMount', undefined],
  [{ runArgs: ['--foo', 'bar', '-e', 'A=2'] }, 'runArgs', '["-e A=2"]'],
  [{ runArgs: ['-v', '/tmp:/nowhere'] }, 'runArgs', undefined],
  [{ runArgs: ['-v', '/tmp:/tmp2:ro'] }, 'runArgs', '["-v /tmp:/tmp2:ro"]'],
  [{ runArgs: ['-v', '/usr:/usr2'] }, 'runArgs', '["-v /usr:/usr2"]'],
  [{ runArgs: ['--mount=type=bind,source=/usr,target=/usr2'] }, 'runArgs', undefined],
  [{ mounts: ['type=bind,source=/tmp,target=/tmp2,ro'] }, 'mounts', undefined],
  [{ runArgs: ['--mount=type=bind,source=/tmp,target=/nowhere'] }, 'runArgs', undefined],
  [{ runArgs: ['-p', '127.0.0.1:3001:3000'] }, 'runArgs', undefined],
  [{ runArgs: ['-p8080:80'] }, 'runArgs', undefined],
  [{ runArgs: ['--network', 'yours'] }, 'runArgs', undefined],
  [{ runArgs: ['--network=host'] }, 'runArgs', undefined],
  [{ runArgs: ['--shm-size=2g'] }, 'runArgs', undefined],
  [{ runArgs: ['--memory=1g', '--memory', '2g'] }, 'runArgs', '["--memory 2g"]'],
  [{ runArgs: ['--cpus', '2'] }, 'runArgs', undefined],
  [{ runArgs: ['--hostname', 'other'] }, 'runArgs', undefined],
  [{ runArgs: ['--privileged'] }, 'runArgs', '["--privileged"]'],
  [{ runArgs: ['--cap-add=SYS_ADMIN'] }, 'runArgs', undefined],
  [{ runArgs: ['--security-opt', 'apparmor=unconfined'] }, 'runArgs', undefined],
  [{ runArgs: ['--user=root'] }, 'runArgs', undefined],
  [{ runArgs: ['--device', '/dev/fuse'] }, 'runArgs', undefined],
  [{ runArgs: ['--name=other'] }, 'runArgs', undefined],
  [{ appPort: '8080:80' }, 'appPort', '["8080:80"]'],
  [{ appPort: [3000, 3001] }, 'appPort', '[3001]'],
  [{ privileged: true }, 'privileged', 'true'],
  [{ capAdd: ['SYS_PTRACE', 'NET_ADMIN'] }, 'capAdd', '["NET_ADMIN"]'],
  [{ securityOpt: ['apparmor=unconfined'] }, 'securityOpt', undefined],
  [{ containerUser: 'root' }, 'containerUser', '"root"'],
  [{ features: { 'ghcr.io/a/b/d:1': { x: 1 } } }, 'features.ghcr.io/a/b/d:1', '{"x":1}'],
];

describe('settingsDiff', () => {
  test.each(same)('has nothing to say of %j, and knows it', (config) => {
    for (const details of [made, podman]) {
      expect(settingsDiff(config, facts, details, 'in')).toEqual([]);
      expect([...knownFromSettings(config, facts, details)]).toEqual(Object.keys(config));
    }
  });

  test.each(unknown)('does not guess about %j', (config) => {
    expect(settingsDiff(config, facts, made, 'in')).toEqual([]);
    for (const property of Object.keys(config).filter(
      (key) => key !== 'runArgs' || Object.keys(config).length === 1,
    ))
      expect(knownFromSettings(config, facts, made)).not.toContain(property);
  });

  test.each(different)('names what is different in %j', (config, property, to) => {
    const [change, ...more] = settingsDiff(config, facts, made, 'in');
    expect(more).toEqual([]);
    expect(change).toMatchObject({ input: 'in', property, ...(to === undefined ? {} : { to }) });
    expect(knownFromSettings(config, facts, made)).not.toContain(property.split('.')[0]);
  });

  test('names several properties, sorted', () => {
    const config = Object.assign({}, ...different.map(([each]) => each)) as Record<string, unknown>;
    const named = settingsDiff(config, facts, made, 'in').map(({ property = '' }) => property);
    expect(named).toContain('appPort');
    expect(named).toEqual([...named].sort());
  });

  test('the value that a container has of a variable is never shown', () => {
    const [change] = settingsDiff({ containerEnv: { B: 'x' } }, facts, made, 'in');
    expect(JSON.stringify(change)).not.toContain('two words');
  });

  test.each([
    ['an image that the CLI built', { image: 'other:1' }, { imageReference: 'vsc-app-0123-uid' }],
    ['an image that has lost its name', { image: 'other:1' }, { imageReference: 'f'.repeat(12) }],
    [
      'an engine that tells nothing',
      Object.assign({}, ...different.slice(2).map(([each]) => each)),
      { imageReference: image },
    ],
    [
      'a limit that the engine cannot set',
      { runArgs: ['--memory=1g', '--cpus=2'] },
      { ...made, memory: 0, nanoCpus: 0 },
    ],
    ['memory that is shared with others', { runArgs: ['--shm-size=9g'] }, { ...made, ipcMode: 'host' }],
    [
      'privileges that include others',
      { capAdd: ['NET_ADMIN'], securityOpt: ['apparmor=unconfined'] },
      { ...made, privileged: true },
    ],
    ['a container on the network of the host', { appPort: 80 }, { ...made, networkMode: 'host' }],
    ['what Podman does not tell', { securityOpt: ['apparmor=unconfined'] }, podman],
    [
      'Podman on a network of its own',
      { runArgs: ['--network=bridge'] },
      { ...podman, networks: ['podman'] },
    ],
  ])('does not guess about %s', (_, config: Record<string, unknown>, details: ContainerDetails) => {
    const bare = container('a', { name: 'other' });
    expect(settingsDiff({ ...config, features: undefined }, bare, details, 'in')).toEqual([]);
  });

  test('never throws, whatever the configuration', () => {
    const keys = [...same, ...unknown, ...different.map(([each]) => each)].flatMap((each) =>
      Object.keys(each),
    );
    const config = fc.dictionary(fc.constantFrom(...new Set(keys)), fc.jsonValue());
    fc.assert(fc.property(config, (value) => void settingsDiff(value, facts, made, 'in')));
    const words = fc.constantFrom(
      '-e',
      '-v',
      '--mount',
      '-p',
      '--name',
      '--init',
      '=',
      '-',
      '',
      ':',
      'a=b',
      '/x:/y',
      '${',
    );
    fc.assert(fc.property(fc.array(words), (runArgs) => void settingsDiff({ runArgs }, facts, made, 'in')));
  });
});
