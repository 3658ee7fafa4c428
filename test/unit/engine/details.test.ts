import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageDetails, inspectedDetails } from '../../../src/engine/details';

const bare = { Config: { Image: 'app:1' }, HostConfig: {} };

describe('imageDetails', () => {
  it('reads what an image brings', () => {
    expect(imageDetails({ Config: { Env: ['A=1'], User: 'u' } })).toEqual({
      imageEnv: ['A=1'],
      imageUser: 'u',
    });
    expect(imageDetails({ Config: {} })).toEqual({ imageEnv: [], imageUser: '' });
    for (const other of [undefined, 7, {}, { Config: null }]) expect(imageDetails(other)).toEqual({});
    expect(imageDetails({ Config: { Env: [7] } })).toEqual({ imageUser: '' });
  });
});

describe('inspectedDetails', () => {
  it.each([
    ['bind', { Mode: 'ro', RW: false, Propagation: 'rprivate' }, { isReadOnly: true }],
    ['bind', { Mode: '', RW: true, Propagation: 'rshared' }, { isReadOnly: false, hasMore: true }],
    ['bind', { Mode: 'z', RW: true }, { isReadOnly: false, hasMore: true }],
    ['volume', { Mode: 'z,ro', RW: false }, { isReadOnly: true }],
    ['volume', { Mode: 'nocopy', RW: 7 }, { hasMore: true }],
  ])('reads how a %s is mounted from %j', (Type, more, expected) => {
    const mount = { Type, Name: 'v', Source: 'v', Destination: '/v', ...more };
    expect(inspectedDetails({ ...bare, Mounts: [mount] })?.mounts).toEqual([
      { type: Type, source: 'v', target: '/v', ...expected },
    ]);
  });

  it('reads what engines tell, and leaves out what they do not', () => {
    expect(inspectedDetails(bare)).toEqual({ imageReference: 'app:1', init: false });
    const [mount, device] = [
      { Type: 'volume', Name: 'v', Source: '/x', Destination: '/v', Mode: 'z', RW: true, Propagation: '' },
      { PathOnHost: '/dev/a', PathInContainer: '/dev/b' },
    ];
    expect(
      inspectedDetails({
        Config: { Image: 'app:1', Env: ['A=1'], User: 'u', Hostname: 'h' },
        HostConfig: {
          ...{
            CapAdd: null,
            Privileged: true,
            Init: true,
            NanoCpus: 5,
            Memory: 6,
            ShmSize: 7,
            Devices: [device],
          },
          PortBindings: {
            '80/tcp': [{ HostIp: '', HostPort: '' }],
            '53/udp': [{ HostIp: '::1', HostPort: '5' }],
          },
          Tmpfs: { '/t': 'rw' },
        },
        Mounts: [mount],
        NetworkSettings: { Networks: { n: {} } },
      }),
    ).toEqual({
      ...{ imageReference: 'app:1', env: ['A=1'], user: 'u', hostname: 'h', privileged: true, init: true },
      ...{ nanoCpus: 5, memory: 6, shmSize: 7, capAdd: [], networks: ['n'] },
      devices: [{ onHost: '/dev/a', inContainer: '/dev/b' }],
      mounts: [
        { type: 'volume', source: 'v', target: '/v', isReadOnly: false },
        { type: 'tmpfs', source: '', target: '/t' },
      ],
      portBindings: [
        { containerPort: 80, protocol: 'tcp' },
        { containerPort: 53, protocol: 'udp', hostPort: 5, hostIp: '::1' },
      ],
    });
  });

  it.each([undefined, null, [], 'x', {}, { Config: {} }, { Config: { Image: 7 }, HostConfig: {} }])(
    'is none for %j',
    (value) => expect(inspectedDetails(value)).toBeUndefined(),
  );

  it('leaves out a list as a whole that is too long or holds something else', () => {
    for (const Env of ['x', [1], ['A=1', null], Array(5000).fill('A=1'), ['A'.repeat(200_000)]])
      expect(inspectedDetails({ ...bare, Config: { Image: 'app:1', Env } })).not.toHaveProperty('env');
    for (const PortBindings of [[], { x: [], 80: 7 }, { '80/tcp': [null] }])
      expect(inspectedDetails({ ...bare, HostConfig: { PortBindings } })).not.toHaveProperty('portBindings');
  });

  it('never throws', () => {
    const host = fc.dictionary(
      fc.constantFrom('CapAdd', 'Devices', 'PortBindings', 'Tmpfs', 'Init'),
      fc.jsonValue(),
    );
    const value = fc.record({ HostConfig: host, Mounts: fc.jsonValue(), NetworkSettings: fc.jsonValue() });
    fc.assert(fc.property(value, (entry) => void inspectedDetails({ ...entry, Config: { Image: 'x' } })));
  });
});
