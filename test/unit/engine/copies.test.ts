import { expect, it } from 'vitest';
import { createBody } from '../../../src/engine/copies';

const id = 'a'.repeat(64);
const of = (mode: string, names: readonly string[]) =>
  createBody(
    {
      Id: id,
      Config: {},
      HostConfig: { NetworkMode: mode },
      NetworkSettings: {
        Networks: Object.fromEntries(names.map((name) => [name, { Aliases: ['db', id.slice(0, 12)] }])),
      },
    },
    'image:1',
  );

it.each([
  ['no network of the user', 'bridge', ['bridge'], 'bridge', []],
  ['the same on Podman', 'bridge', ['podman'], 'bridge', []],
  ['one that it was connected to later', 'bridge', ['bridge', 'shop'], 'bridge', ['shop']],
  ['a network of the user', 'shop', ['shop'], 'shop', []],
  ['two of them', 'shop', ['mail', 'shop'], 'shop', ['mail']],
  ['one, which Podman calls bridge', 'bridge', ['shop'], 'shop', []],
  ['two, which Podman calls bridge', 'bridge', ['mail', 'shop'], 'mail', ['shop']],
  ['the host', 'host', ['host'], 'host', []],
  ["another container's", `container:${'b'.repeat(64)}`, [], `container:${'b'.repeat(64)}`, []],
  ['none that is told', 'default', [], 'default', []],
])('a container with %s is made in it again', (_, mode, names, made, later) => {
  const { body, networks } = of(mode, names) ?? {};
  expect(body?.['HostConfig']).toMatchObject({ NetworkMode: made });
  expect(networks).toEqual(later.map((name) => ({ name, endpoint: { Aliases: ['db'] } })));
  const first =
    (body?.['NetworkingConfig'] as { EndpointsConfig: object } | undefined)?.EndpointsConfig ?? {};
  expect(first).toEqual(
    names.includes(made) && made !== 'bridge' && made !== 'host' ? { [made]: { Aliases: ['db'] } } : {},
  );
});
