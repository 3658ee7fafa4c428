import { describe, expect, it } from 'vitest';
import { inspectedPorts, listedPorts } from '../../../src/engine/portFacts';

const web = { containerPort: 80, protocol: 'tcp', hostPort: 8080, hostIp: '0.0.0.0' };

describe('ports of the list', () => {
  it('merges IPv4 and IPv6', () => {
    const port = { PrivatePort: 80, PublicPort: 8080, Type: 'tcp' };
    expect(
      listedPorts([
        { ...port, IP: '::' },
        { ...port, IP: '0.0.0.0' },
      ]),
    ).toEqual([web]);
    expect(
      listedPorts([
        { ...port, IP: '0.0.0.0' },
        { ...port, IP: '::' },
      ]),
    ).toEqual([web]);
    expect(
      listedPorts([
        { ...port, IP: '::1' },
        { ...port, IP: '127.0.0.1' },
      ]),
    ).toEqual([{ ...web, hostIp: '127.0.0.1' }]);
  });

  it('keeps two addresses that are different', () => {
    const port = { PrivatePort: 80, PublicPort: 8080, Type: 'tcp' };
    expect(
      listedPorts([
        { ...port, IP: '10.0.0.1' },
        { ...port, IP: '10.0.0.2' },
      ]),
    ).toHaveLength(2);
  });

  it('sorts, and keeps tcp and udp apart', () => {
    const ports = listedPorts([
      { PrivatePort: 90, Type: 'tcp' },
      { PrivatePort: 80, Type: 'udp' },
      { PrivatePort: 80, Type: 'tcp' },
    ]);
    expect(ports.map((port) => `${port.containerPort}/${port.protocol}`)).toEqual([
      '80/tcp',
      '80/udp',
      '90/tcp',
    ]);
  });

  it.each([0, -1, 65_536, 1.5, '80', null, undefined])('knows no port %j', (PrivatePort) => {
    expect(listedPorts([{ PrivatePort, Type: 'tcp' }])).toEqual([]);
  });

  it('takes a public port 0 as none, and no type as tcp', () => {
    expect(listedPorts([{ PrivatePort: 80, PublicPort: 0, IP: '0.0.0.0' }])).toEqual([
      { containerPort: 80, protocol: 'tcp' },
    ]);
  });
});

describe('ports of an inspection', () => {
  it('reads bindings and bare ports', () => {
    const bindings = [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ];
    expect(inspectedPorts({ '80/tcp': bindings, '53/udp': null, '1/sctp': [] })).toEqual([
      { containerPort: 1, protocol: 'sctp' },
      { containerPort: 53, protocol: 'udp' },
      web,
    ]);
  });

  it('takes an empty address as every address', () => {
    expect(inspectedPorts({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] })).toEqual([
      { containerPort: 80, protocol: 'tcp', hostPort: 8080 },
    ]);
  });

  it.each([null, undefined, 'x', [], { x: [] }, { '99999/tcp': null }])('finds none in %j', (value) => {
    expect(inspectedPorts(value)).toEqual([]);
  });
});
