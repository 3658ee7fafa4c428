/** A container with every setting that can be read back, as Docker and Podman tell of it. */
import type { ContainerDetails } from '../../src/core/containerDetails';
import { container } from './fakeEngine';

export const image = 'app:1';
export const facts = container('a', {
  name: 'boxy-one',
  image,
  labels: { 'devcontainer.metadata': '[{"id":"ghcr.io/a/b/c:1"},{"id":"./mine"},{"init":true}]' },
});
/** What Docker says of it. */
export const made: ContainerDetails = {
  imageReference: image,
  env: ['A=1', 'B=two words', 'PATH=/bin'],
  mounts: [
    { type: 'volume', source: 'vol', target: '/vol', isReadOnly: false },
    { type: 'volume', source: 'f00d', target: '/anon', isReadOnly: false },
    { type: 'bind', source: '/tmp', target: '/tmp2', isReadOnly: false },
    { type: 'bind', source: '/host_mnt/c/x', target: '/translated', isReadOnly: false },
    { type: 'bind', source: '/usr', target: '/usr2', isReadOnly: true },
    { type: 'tmpfs', source: '', target: '/tf' },
  ],
  user: 'user',
  hostname: 'boxy',
  privileged: false,
  init: true,
  capAdd: ['CAP_SYS_PTRACE'],
  securityOpt: ['seccomp=unconfined', 'no-new-privileges', 'label=disable'],
  portBindings: [
    { containerPort: 3000, protocol: 'tcp', hostPort: 3000, hostIp: '127.0.0.1' },
    { containerPort: 53, protocol: 'udp', hostPort: 5353 },
  ],
  networkMode: 'mine',
  networks: ['mine'],
  pidMode: '',
  ipcMode: 'private',
  shmSize: 1024 ** 3,
  memory: 512 * 1024 ** 2,
  nanoCpus: 1_500_000_000,
  devices: [{ onHost: '/dev/null', inContainer: '/dev/nullx' }],
};
export const podman = { ...made, env: [...(made.env ?? []), 'container=podman'] };
