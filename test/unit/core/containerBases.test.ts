import { expect, test } from 'vitest';
import type { Container, DevContainer } from '../../../src/api';
import { containerBases } from '../../../src/core/containerBases';
import { containerKey } from '../../../src/core/identity';
import type { BaseImage } from '../../../src/core/imagePorts';

const base = (reference: string, service?: string): BaseImage => ({
  ...{ reference, input: 'Dockerfile', file: '/work/Dockerfile', isBegunWith: true },
  ...(service === undefined ? {} : { service }),
});
const item = (id: string, project?: string, service?: string, engine = 'docker') =>
  ({
    ...{ id, engine, key: containerKey(engine, id) },
    ...(project === undefined ? {} : { composeProject: project }),
    labels: service === undefined ? {} : { 'com.docker.compose.service': service },
  }) as Container;
const dev = (containerId: string, configFile: string | undefined, effect?: string) =>
  ({
    containerId,
    configFile,
    engine: 'docker',
    changes: effect ? [{ effect }] : [],
  }) as unknown as DevContainer;

test('what images are made on is said by the configuration of their dev container, or of the one in their project', () => {
  const [app, db, cache, alone, other, unnamed] = [
    item('1', 'shop', 'app'),
    item('2', 'shop', 'db'),
    item('3', 'shop', 'cache'),
    item('4'),
    item('5', 'shop', 'db', 'podman'),
    item('6', 'shop'),
  ];
  const readings = { readings: [], files: [], folders: [] };
  const bases = [base('debian:12'), base('postgres:16', 'db')];
  const of = containerBases(
    {
      engines: [],
      devContainers: [dev('1', '/shop.json', 'rebuild'), dev('4', '/alone.json')],
      containers: [app, db, cache, alone, other, unnamed],
    },
    {
      of: (file) =>
        file === '/shop.json' ? { ...readings, bases } : file === '/alone.json' ? readings : undefined,
    },
  );
  const names = (container: Container) => of(container)?.images.map(({ reference }) => reference);
  expect(names(app)).toEqual(['debian:12']);
  expect(names(db)).toEqual(['postgres:16']);
  expect(names(cache)).toEqual([]);
  expect(names(alone)).toEqual([]);
  expect([other, unnamed, item('9')].map(of)).toEqual([undefined, undefined, undefined]);
  expect([of(app)?.isChanged, of(alone)?.isChanged]).toEqual([true, false]);
});
