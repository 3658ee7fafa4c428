import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import type { System } from '../../../src/engine/system';
import { usualSockets } from '../../../src/engine/usualSockets';

describe('resolveEndpoint', () => {
  const contexts = {
    ...context('ctx', { Host: 'unix:///ctx.sock' }),
    ...context('other', { Host: 'unix:///other.sock' }),
    ...config({ currentContext: 'other' }),
  };
  const both = { DOCKER_HOST: 'unix:///host.sock', DOCKER_CONTEXT: 'ctx' };

  it.each([
    ['the setting before all', 'unix:///set.sock', both, contexts, 'unix:///set.sock', 'setting', 'Docker'],
    ['DOCKER_HOST before contexts', '', both, contexts, 'unix:///host.sock', 'DOCKER_HOST', 'Docker'],
    ['DOCKER_CONTEXT before config.json', '', { DOCKER_CONTEXT: 'ctx' }, contexts, 'unix:///ctx.sock', 'DOCKER_CONTEXT', 'ctx'],
    ['config.json', '', {}, contexts, 'unix:///other.sock', 'currentContext', 'other'],
    ['empty variables as unset', '', { DOCKER_HOST: '', DOCKER_CONTEXT: '' }, contexts, 'unix:///other.sock', 'currentContext', 'other'],
    ['the context default', '', { DOCKER_CONTEXT: 'default' }, contexts, 'unix:///var/run/docker.sock', 'DOCKER_CONTEXT', 'Docker'],
    ['the default place', '', {}, {}, 'unix:///var/run/docker.sock', 'default', 'Docker'],
    ['the socket in the home first', '', {}, { '/home/me/.docker/run/docker.sock': '' }, 'unix:///home/me/.docker/run/docker.sock', 'default', 'Docker'],
    ['a config.json without a context', '', {}, config({ auths: {} }), 'unix:///var/run/docker.sock', 'default', 'Docker'],
    ['Podman by its name', 'unix:///run/podman/podman.sock', {}, {}, 'unix:///run/podman/podman.sock', 'setting', 'Podman'],
  ])('takes %s', async (_, setting, env, files, endpoint, source, name) => {
    const found = await resolveEndpoint(setting, system(env, files));
    expect(found).toMatchObject({ key: endpoint, endpoint, source, name });
    expect(found.env['DOCKER_HOST']).toBe(endpoint);
  }); // prettier-ignore

  it('takes the pipe on Windows', async () => {
    const found = await resolveEndpoint(undefined, { ...system({}, {}), platform: 'win32' });
    expect(found.transport).toEqual({ kind: 'socket', path: '//./pipe/docker_engine' });
  });

  it('looks for contexts where DOCKER_CONFIG says', async () => {
    const files = context('ctx', { Host: 'tcp://far:1' }, '/etc/d');
    const found = await resolveEndpoint(
      '',
      system({ DOCKER_CONFIG: '/etc/d', DOCKER_CONTEXT: 'ctx' }, files),
    );
    expect(found.endpoint).toBe('tcp://far:1');
  });

  it('keeps a child process from variables that lead elsewhere', async () => {
    const env = { DOCKER_HOST: 'unix:///h.sock', DOCKER_CONTEXT: 'c', DOCKER_TLS_VERIFY: '1' };
    expect((await resolveEndpoint('unix:///s.sock', system(env, {}))).env).toEqual({
      DOCKER_HOST: 'unix:///s.sock',
      DOCKER_CONTEXT: '',
      DOCKER_TLS_VERIFY: '',
    });
    expect((await resolveEndpoint('unix:///s.sock', system({}, {}))).env).toEqual({
      DOCKER_HOST: 'unix:///s.sock',
    });
  });

  it.each([
    ['DOCKER_HOST', 'a malformed one', { DOCKER_HOST: 'http//x' }, {}, /^DOCKER_HOST names .*Use unix:/],
    ['DOCKER_CONTEXT', 'one that is not there', { DOCKER_CONTEXT: 'gone' }, {}, /^DOCKER_CONTEXT asks for .*"gone".*docker context use/],
    ['config.json', 'one that is not there', {}, config({ currentContext: 'gone' }), /\.docker asks for .*"gone"/],
    ['the context', 'no host', { DOCKER_CONTEXT: 'x' }, context('x', {}), /"x" names no engine/],
    ['the context', 'a malformed host', { DOCKER_CONTEXT: 'x' }, context('x', { Host: 'fd://' }), /context "x" names the engine "fd:/],
    ['the context', 'broken JSON', { DOCKER_CONTEXT: 'x' }, { [metaFile('x')]: '{' }, /"x" names no engine/],
  ])('says so when %s has %s', async (_, __, env, files, message) => {
    const found = resolveEndpoint('', system(env, files));
    await expect(found).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(found).rejects.toThrow(message);
  }); // prettier-ignore

  it.each(['{"currentContext": "ctx"', '', '[]', 'null', '\uFEFF{}'])(
    'warns and takes the default when config.json is %j, as the docker command does',
    async (text) => {
      const warn = vi.fn();
      const files = { '/home/me/.docker/config.json': text };
      const found = await resolveEndpoint('', system({}, files), { ...silentLogger, warn });
      expect(found.source).toBe('default');
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('/home/me/.docker/config.json'));
    },
  );
});

describe('TLS', () => {
  const pems = { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') };
  const tlsFiles = (folder: string) => ({
    [`${folder}/ca.pem`]: 'CA',
    [`${folder}/cert.pem`]: 'CERT',
    [`${folder}/key.pem`]: 'KEY',
  });

  it('of a context comes from its folder, and reaches a child process through the context', async () => {
    const files = { ...context('far', { Host: 'tcp://far' }), ...tlsFiles(tlsFolder('far')) };
    const found = await resolveEndpoint('', system({ DOCKER_CONTEXT: 'far' }, files));
    expect(found.transport).toEqual({ kind: 'tcp', host: 'far', port: 2376, tls: { ...pems, verify: true } });
    expect(found.env).toEqual({ DOCKER_CONTEXT: 'far', DOCKER_CONFIG: '/home/me/.docker' });
  });

  it('goes unverified only when the context says so', async () => {
    const verifyOf = async (SkipTLSVerify: unknown) => {
      const files = context('far', { Host: 'tcp://far', SkipTLSVerify });
      const { transport } = await resolveEndpoint('', system({ DOCKER_CONTEXT: 'far' }, files));
      return transport.kind === 'tcp' ? transport.tls?.verify : 'no tcp';
    };
    expect(await verifyOf(true)).toBe(false);
    expect(await verifyOf(false)).toBeUndefined();
    expect(await verifyOf('true')).toBeUndefined();
  });

  it('of the environment comes from DOCKER_CERT_PATH', async () => {
    const env = { DOCKER_HOST: 'tcp://far', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const found = await resolveEndpoint('', system(env, tlsFiles('/certs')));
    expect(found.transport).toEqual({ kind: 'tcp', host: 'far', port: 2376, tls: { ...pems, verify: true } });
    expect(found.env).toEqual({ ...env, DOCKER_HOST: 'tcp://far:2376' });
  });

  it('without certificates is an error that names the folder', async () => {
    const env = { DOCKER_HOST: 'tcp://far', DOCKER_TLS_VERIFY: '1' };
    await expect(resolveEndpoint('', system(env, {}))).rejects.toThrow(/\/home\/me\/\.docker.*ca\.pem/);
  });
});

describe('usualSockets', () => {
  it('gives those that are there', async () => {
    const files = {
      '/run/user/7/podman/podman.sock': '',
      '/home/me/.colima/default/docker.sock': '',
      '/home/me/.lima/dev/sock/docker.sock': '',
    };
    expect(await usualSockets(system({ XDG_RUNTIME_DIR: '/run/user/7' }, files))).toEqual([
      'unix:///run/user/7/podman/podman.sock',
      'unix:///home/me/.colima/default/docker.sock',
      'unix:///home/me/.lima/dev/sock/docker.sock',
    ]);
    expect(await usualSockets(system({}, {}))).toEqual([]);
  });

  it('gives pipes on Windows', async () => {
    const windows = { ...system({}, { '//./pipe/podman-machine-default': '' }), platform: 'win32' as const };
    expect(await usualSockets(windows)).toEqual(['npipe:////./pipe/podman-machine-default']);
  });
});

/** A machine with these variables and these files, by absolute path. */
function system(env: Record<string, string>, files: Record<string, string>): System {
  const below = (folder: string) => `${folder.replace(/\/$/, '')}/`;
  return {
    env,
    home: '/home/me',
    platform: 'linux',
    readFile: (file) => Promise.resolve(file in files ? Buffer.from(files[file] ?? '') : undefined),
    exists: (file) => Promise.resolve(file in files),
    realPath: (file) => Promise.resolve(file),
    list: (folder) =>
      Promise.resolve(
        Object.keys(files)
          .filter((file) => file.startsWith(below(folder)))
          .map((file) => file.slice(below(folder).length).split('/')[0] ?? ''),
      ),
  };
}

function config(value: unknown): Record<string, string> {
  return { '/home/me/.docker/config.json': JSON.stringify(value) };
}

function context(name: string, docker: Record<string, unknown>, folder?: string): Record<string, string> {
  return { [metaFile(name, folder)]: JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }) };
}

function metaFile(name: string, folder = '/home/me/.docker'): string {
  return `${folder}/contexts/meta/${sha256(name)}/meta.json`;
}

function tlsFolder(name: string): string {
  return `/home/me/.docker/contexts/tls/${sha256(name)}/docker`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
