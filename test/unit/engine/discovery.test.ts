import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { AS_DOCKER } from '../../../src/core/ports';
import { dockersChoice, findEngines } from '../../../src/engine/discovery';
import { LocalEngines } from '../../../src/engine/engineSource';
import type { System } from '../../../src/engine/system';

const HOME = '/home/me';

describe('findEngines', () => {
  const found = async (at: System) =>
    (await findEngines(at, silentLogger)).map((each) =>
      'problem' in each
        ? [each.id, each.name, each.problem]
        : [each.id, each.endpoint.name, each.endpoint.endpoint],
    );

  it('finds contexts, DOCKER_HOST and the usual places, in this order, and last contexts that lead nowhere', async () => {
    const files = {
      ...context('far', 'ssh://me@far'),
      ...context('broken', 'fd://'),
      ...context('default', 'unix:///never.sock'),
      '/var/run/docker.sock': '',
      '/run/podman/podman.sock': '',
      '/run/user/7/podman/podman.sock': '',
      '/run/user/7/docker.sock': '',
      '/home/me/.colima/default/docker.sock': '',
    };
    expect(await found(system({ DOCKER_HOST: 'tcp://near:2375' }, files))).toEqual([
      ['context:far', 'far', 'ssh://me@far'],
      ['tcp://near:2375', 'Docker', 'tcp://near:2375'],
      ['unix:///var/run/docker.sock', 'Docker', 'unix:///var/run/docker.sock'],
      ['unix:///run/user/7/docker.sock', 'Docker (rootless)', 'unix:///run/user/7/docker.sock'],
      ['unix:///run/user/7/podman/podman.sock', 'Podman (rootless)', 'unix:///run/user/7/podman/podman.sock'],
      ['unix:///run/podman/podman.sock', 'Podman', 'unix:///run/podman/podman.sock'],
      ['unix:///home/me/.colima/default/docker.sock', 'Colima', 'unix:///home/me/.colima/default/docker.sock'],
      ['context:broken', 'broken', expect.stringContaining('The Docker context "broken"')],
    ]); // prettier-ignore
  });

  it('names an engine once when several lead to its socket', async () => {
    const files = {
      ...context('mine', 'unix:///home/me/.docker/run/docker.sock'),
      '/var/run/docker.sock': '',
      '/home/me/.docker/run/docker.sock': '',
    };
    const links = { '/var/run/docker.sock': '/home/me/.docker/run/docker.sock' };
    const at = system({ DOCKER_HOST: 'unix:///home/me/.docker/run/docker.sock' }, files, links);
    expect(await found(at)).toEqual([['context:mine', 'mine', 'unix:///home/me/.docker/run/docker.sock']]);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await found(system({}, {}))).toEqual([]);
    expect(await found(system({ DOCKER_HOST: 'nonsense//' }, {}))).toEqual([]);
  });
});

describe('dockersChoice', () => {
  const files = {
    ...context('x', 'unix:///x.sock'),
    [`${HOME}/.docker/config.json`]: '{"currentContext":"x"}',
  };

  it.each([
    ['unix:///s.sock', { DOCKER_HOST: 'unix:///h.sock' }, files, 'the setting shipshape.engine.host, which wins over DOCKER_HOST and the context "x"'],
    ['', { DOCKER_HOST: 'unix:///h.sock' }, files, 'DOCKER_HOST, which wins over the context "x"'],
    ['', { DOCKER_HOST: 'unix:///h.sock' }, {}, 'DOCKER_HOST'],
    ['', {}, files, 'the context "x"'],
    ['', {}, {}, 'default, since no context is chosen'],
  ])('%j, %j: says who decides', async (setting, env, there, why) => {
    expect((await dockersChoice(setting, system(env, there), silentLogger)).why).toBe(why);
  }); // prettier-ignore

  it('says why it cannot be used', async () => {
    const choice = await dockersChoice('', system({ DOCKER_CONTEXT: 'gone' }, {}), silentLogger);
    expect(choice.endpoint).toBeUndefined();
    expect(choice.problem).toContain('"gone"');
  });
});

describe('LocalEngines', () => {
  const engines = (at: System, setting?: string) =>
    new LocalEngines({ setting: () => setting, logger: silentLogger, system: at });

  it('offers the docker command’s own first, and marks it among the others', async () => {
    const files = { '/var/run/docker.sock': '', '/run/podman/podman.sock': '' };
    const links = { '/var/run/docker.sock': '/run/docker.sock' };
    const at = system({ DOCKER_HOST: 'unix:///run/docker.sock' }, files, links);
    expect((await engines(at).find()).map(({ id, isDockers }) => [id, isDockers])).toEqual([
      [AS_DOCKER, true],
      ['unix:///run/docker.sock', true],
      ['unix:///run/podman/podman.sock', false],
    ]);
  });

  it('opens each engine once; one that cannot be had says why', async () => {
    const at = system({}, context('x', 'unix:///var/run/docker.sock'));
    const opened = await engines(at).open([AS_DOCKER, 'context:x', 'context:gone', 'unix:///p/podman.sock']);
    expect(opened.map(({ key, name }) => [key, name])).toEqual([
      ['unix:///var/run/docker.sock', 'Docker'],
      ['broken:context:gone', 'gone'],
      ['unix:///p/podman.sock', 'Podman'],
    ]);
    await expect(opened[1]?.list()).rejects.toMatchObject({ code: 'invalidConfig' });
    for (const engine of opened) engine.dispose();
  });

  it('opens a DOCKER_HOST that makes no sense as an engine that says so', async () => {
    for (const host of ['::::', 'tcp://a:b', 'http://a:1']) {
      const [opened, another] = await engines(system({ DOCKER_HOST: host }, {})).open([AS_DOCKER]);
      expect(another).toBeUndefined();
      expect(opened).toMatchObject({ name: 'Docker', endpoint: host });
      await expect(opened?.list()).rejects.toThrow(`DOCKER_HOST names the engine "${host}"`);
    }
  });

  it('takes the setting for the docker command’s own, and tells Podman’s command where it is', async () => {
    const [engine] = await engines(system({}, {}), 'unix:///p/podman.sock').open([AS_DOCKER]);
    expect(engine?.env).toEqual({
      DOCKER_HOST: 'unix:///p/podman.sock',
      CONTAINER_HOST: 'unix:///p/podman.sock',
    });
    engine?.dispose();
  });
});

/** A machine with these variables, these files by absolute path, and these links. */
function system(
  env: Record<string, string>,
  files: Record<string, string>,
  links: Record<string, string> = {},
): System {
  const below = (folder: string) => `${folder.replace(/\/$/, '')}/`;
  const list = (folder: string) =>
    Object.keys(files)
      .filter((file) => file.startsWith(below(folder)))
      .map((file) => file.slice(below(folder).length).split('/')[0] ?? '');
  return {
    env,
    home: HOME,
    platform: 'linux',
    uid: 7,
    readFile: (file) => Promise.resolve(file in files ? Buffer.from(files[file] ?? '') : undefined),
    exists: (file) => Promise.resolve(file in files),
    realPath: (file) => Promise.resolve(links[file] ?? file),
    list: (folder) => Promise.resolve(list(folder)),
  };
}

function context(name: string, host: string): Record<string, string> {
  const file = `${HOME}/.docker/contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
  return { [file]: JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }) };
}
