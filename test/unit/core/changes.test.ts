import { expect, test } from 'vitest';
import { otherServices, servicesBeside } from '../../../src/core/changes';
import { toContainer } from '../../../src/core/snapshot';
import { container } from '../../support/fakeEngine';

const COMPOSE = 'com.docker.compose';
const of = (id: string, project?: string, service?: string, engine = 'e') =>
  toContainer(engine, {
    ...container(id),
    labels: {
      ...(project === undefined ? {} : { [`${COMPOSE}.project`]: project }),
      ...(service === undefined ? {} : { [`${COMPOSE}.service`]: service }),
    },
  });

test('services beside are those of the same project on the same engine', () => {
  const own = of('a', 'p', 'app');
  const all = [own, of('b', 'p', 'db'), of('c', 'q', 'web'), of('d', 'p', 'far', 'f'), of('e'), of('f', 'p')];
  expect([...servicesBeside(all, own.id)]).toEqual(['app', 'db']);
});

test('without Compose nothing is beside, and no change is of another service', () => {
  const own = of('a');
  const beside = servicesBeside([own, of('b'), of('c', 'p', 'app')], own.id);
  expect([...beside]).toEqual([]);
  const change = { input: 'devcontainer.json', property: 'containerEnv.A', effect: 'recreate' } as const;
  expect(otherServices([change], undefined, beside)).toEqual([]);
  expect([...servicesBeside([own], undefined)]).toEqual([]);
});
