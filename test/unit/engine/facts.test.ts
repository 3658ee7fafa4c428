import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerFacts } from '../../../src/core/ports';
import { inspectedFacts, instant, listedFacts } from '../../../src/engine/facts';

const id = 'ab'.repeat(32);

describe('an element of the list', () => {
  it('becomes facts', () => {
    const facts = listedFacts({
      Id: id,
      Names: ['/web'],
      Image: 'nginx:1',
      ImageID: 'sha256:1',
      Created: 1_700_000_000,
      State: 'running',
      Status: 'Up 3 minutes (healthy)',
      Labels: { a: 'b' },
      Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
    });
    expect(facts).toStrictEqual({
      id,
      name: 'web',
      image: 'nginx:1',
      imageId: 'sha256:1',
      state: 'running',
      health: 'healthy',
      createdAt: 1_700_000_000_000,
      labels: { a: 'b' },
      ports: [{ containerPort: 80, protocol: 'tcp', hostPort: 8080, hostIp: '0.0.0.0' }],
    });
  });

  it('may lack everything but its id', () => {
    const bare = { id, name: 'abababababab', image: '', imageId: '', state: 'unknown', createdAt: 0 };
    expect(listedFacts({ Id: id })).toStrictEqual({ ...bare, labels: {}, ports: [] });
    expect(listedFacts({ Id: id, Names: null, Labels: null, Ports: null, State: null })).toStrictEqual({
      ...bare,
      labels: {},
      ports: [],
    });
  });

  it.each([undefined, null, 1, 'x', [], Buffer.from('null'), {}, { Id: 'short' }, { Id: `../${id}` }])(
    'is left out when it names no container: %j',
    (value) => {
      expect(listedFacts(value)).toBeUndefined();
      expect(inspectedFacts(value)).toBeUndefined();
    },
  );

  it.each([
    [['/web', '/other/alias'], 'web'],
    [['/other/alias', '/web'], 'web'],
    [['/w/db', '/database'], 'database'],
    [['web'], 'web'],
    [['/'], 'abababababab'],
    [[], 'abababababab'],
    [[null, 7, '/x'], 'x'],
    [['n'.repeat(300)], 'n'.repeat(200)],
  ])('with the names %j is called %s', (Names, name) => {
    expect(listedFacts({ Id: id, Names })?.name).toBe(name);
  });

  it.each([
    ['Up 2 hours (healthy)', 'healthy', undefined],
    ['Up 2 hours (unhealthy)', 'unhealthy', undefined],
    ['Up 2 hours (health: starting)', 'starting', undefined],
    ['Up 2 hours (Paused)', undefined, undefined],
    ['Exited (137) 2 days ago', undefined, 137],
    ['Exited (0) 2 days ago', undefined, 0],
    ['Created', undefined, undefined],
    ['', undefined, undefined],
  ])('with the status "%s" has health %s and exit code %s', (Status, health, exitCode) => {
    const facts = listedFacts({ Id: id, Status });
    expect(facts?.health).toBe(health);
    expect(facts?.exitCode).toBe(exitCode);
  });

  it('takes the health that newer engines give apart', () => {
    expect(listedFacts({ Id: id, Status: 'Up', Health: { Status: 'unhealthy' } })?.health).toBe('unhealthy');
  });
});

describe('an inspection', () => {
  it('becomes facts', () => {
    const facts = inspectedFacts({
      Id: id,
      Name: '/web',
      Created: '2026-11-22T01:02:03.123456789Z',
      Image: 'sha256:1',
      State: {
        Status: 'exited',
        ExitCode: 3,
        StartedAt: '2026-11-22T02:02:03.5+01:00',
        FinishedAt: '2026-11-22T01:02:04Z',
        Health: { Status: 'unhealthy' },
      },
      Config: { Image: 'nginx:1', Labels: { a: 'b' } },
      NetworkSettings: { Ports: { '80/tcp': null } },
    });
    expect(facts).toStrictEqual({
      id,
      name: 'web',
      image: 'nginx:1',
      imageId: 'sha256:1',
      state: 'exited',
      exitCode: 3,
      createdAt: Date.UTC(2026, 10, 22, 1, 2, 3, 123),
      startedAt: Date.UTC(2026, 10, 22, 1, 2, 3, 500),
      finishedAt: Date.UTC(2026, 10, 22, 1, 2, 4),
      namespaces: {},
      labels: { a: 'b' },
      ports: [{ containerPort: 80, protocol: 'tcp' }],
    });
  });

  it.each([
    [{ NetworkMode: `container:${id}` }, { network: id }],
    [
      { PidMode: `container:${id}`, IpcMode: `container:${id}` },
      { processes: id, memory: id },
    ],
    [{ NetworkMode: 'default', PidMode: 'host', IpcMode: 'container:short' }, {}],
  ])('with the modes %j lives in %j', (HostConfig, namespaces) => {
    expect(inspectedFacts({ Id: id, HostConfig })?.namespaces).toStrictEqual(namespaces);
  });

  it('of a container that has not ended has no exit code, and none that never ran has times', () => {
    const never = '0001-01-01T00:00:00Z';
    const State = {
      Status: 'created',
      ExitCode: 0,
      StartedAt: never,
      FinishedAt: never,
      Health: { Status: 'none' },
    };
    const facts = inspectedFacts({ Id: id, State });
    expect(Object.keys(facts ?? {})).not.toEqual(expect.arrayContaining(['exitCode']));
    expect(facts).not.toHaveProperty('startedAt');
    expect(facts).not.toHaveProperty('finishedAt');
    expect(facts).not.toHaveProperty('health');
  });
});

it.each([
  ['2026-11-22T01:02:03.123456789Z', Date.UTC(2026, 10, 22, 1, 2, 3, 123)],
  ['2026-11-22T01:02:03.999999999Z', Date.UTC(2026, 10, 22, 1, 2, 3, 999)],
  ['2026-11-22T01:02:03+02:00', Date.UTC(2026, 10, 21, 23, 2, 3)],
  ['0001-01-01T00:00:00Z', undefined],
  ['yesterday-ish', undefined],
  ['', undefined],
  [1_700_000_000, undefined],
  [null, undefined],
])('the instant %j is %s', (text, expected) => expect(instant(text)).toBe(expected));

describe('labels', () => {
  const labelsOf = (Labels: unknown) => listedFacts({ Id: id, Labels })?.labels;

  it('stay as they are, however hostile', () => {
    const hostile = {
      'a\nb': '$(reboot)',
      bidi: '\u202Egnp.exe',
      md: '[x](command:x)',
      nul: '\0',
      constructor: 'c',
    };
    expect(labelsOf(hostile)).toStrictEqual(hostile);
  });

  it('of a megabyte are cut, without half a character at the end', () => {
    expect(labelsOf({ a: 'x'.repeat(1_000_000) })?.['a']).toHaveLength(262_144);
    expect(labelsOf({ a: `${'x'.repeat(262_143)}😀` })?.['a']).toBe('x'.repeat(262_143));
  });

  it('reach no prototype', () => {
    const labels = labelsOf(JSON.parse('{"__proto__": "p", "a": "b"}'));
    expect(labels).toStrictEqual({ a: 'b' });
    expect(labelsOf(JSON.parse('{"__proto__": {"polluted": "yes"}}'))).toStrictEqual({});
  });

  it('that are no strings, or have a key beyond reason, are left out', () => {
    expect(labelsOf({ a: 1, b: null, c: ['x'], ['k'.repeat(2000)]: 'v', d: 'e' })).toStrictEqual({ d: 'e' });
  });
});

describe('whatever the engine says', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.anything());
  const member = (...keys: string[]) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, junk])), { requiredKeys: [] });
  const listed = fc.tuple(
    member('Names', 'Image', 'ImageID', 'Created', 'State', 'Status', 'Labels', 'Ports', 'Health'),
    fc.constantFrom({ Id: id }, {}),
  );
  const inspected = fc.tuple(
    member('Name', 'Image', 'Created'),
    fc.record({
      State: fc.oneof(junk, member('Status', 'ExitCode', 'StartedAt', 'FinishedAt', 'Health')),
      Config: fc.oneof(junk, member('Image', 'Labels', 'StopTimeout')),
      NetworkSettings: fc.oneof(junk, member('Ports')),
    }),
  );

  it('no list element throws, and what comes out is well formed', () => {
    fc.assert(
      fc.property(listed, ([fields, named]) => expectWellFormed(listedFacts({ ...fields, ...named }))),
      { numRuns: 2000 },
    );
  });

  it('no inspection throws, and what comes out is well formed', () => {
    fc.assert(
      fc.property(inspected, ([fields, nested]) =>
        expectWellFormed(inspectedFacts({ Id: id, ...fields, ...nested })),
      ),
      { numRuns: 2000 },
    );
  });

  it('nothing at all throws', () => {
    fc.assert(
      fc.property(junk, (value) => {
        expectWellFormed(listedFacts(value));
        expectWellFormed(inspectedFacts(value));
      }),
    );
  });
});

function expectWellFormed(facts: ContainerFacts | undefined): void {
  if (!facts) return;
  expect(facts.id).toBe(id);
  expect(facts.name).toMatch(/^[^]{1,200}$/);
  for (const text of [facts.image, facts.imageId, facts.state]) expect(typeof text).toBe('string');
  expect(facts.state).not.toBe('');
  expect(new Date(facts.createdAt).getTime()).toBe(facts.createdAt);
  for (const time of [facts.startedAt, facts.finishedAt])
    if (time !== undefined) expect(time).toBeGreaterThan(0);
  if (facts.exitCode !== undefined) expect(Number.isSafeInteger(facts.exitCode)).toBe(true);
  expect(['starting', 'healthy', 'unhealthy', undefined]).toContain(facts.health);
  for (const value of Object.values(facts.labels)) expect(typeof value).toBe('string');
  for (const port of facts.ports) {
    for (const number of [port.containerPort, port.hostPort ?? 1]) {
      expect(Number.isInteger(number) && number >= 1 && number <= 65_535).toBe(true);
    }
    expect(port.protocol).toMatch(/^[^]{1,16}$/);
    if (port.hostIp !== undefined) expect(port.hostPort).toBeDefined();
  }
  expect(() => structuredClone(facts)).not.toThrow();
}
