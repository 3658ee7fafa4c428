import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  composeScript,
  hidingScript,
  quoted,
  relabellingScript,
  setAsideScript,
} from '../../../src/devcontainers/replaceScript';

const old = 'a'.repeat(64);
let root = '';
let marker = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "shipshape-it's-"));
  marker = join(root, 'replaced');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A docker that writes down what it is called with, and says that the old container is there. */
function fakeDocker(failing = 'nothing', name = 'docker'): string {
  const path = join(root, `fake ${name}`);
  writeFileSync(
    path,
    `#!/bin/sh
echo "${name} $*" >>${quoted(join(root, 'calls'))}
if [ "$1" = ${quoted(failing)} ]; then echo 'Error response from daemon: no' >&2; exit 9; fi
case $1 in
  ps) printf '%s\\n' ${old.slice(0, 12)} bbbbbbbbbbbb ${old} ;;
  inspect) echo /its-name ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

function call(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const path = join(root, 'script');
  writeFileSync(path, script, { mode: 0o700 });
  return spawnSync('sh', [path, ...args], { encoding: 'utf8' });
}

const calls = (): string[] => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');
const aside = (docker: string): string =>
  setAsideScript({ docker, containerId: old, marker, setAsideName: 'set-aside' });
const runArgs = ['run', '--sig-proxy=false', '--entrypoint', '/bin/sh', '-l', 'x=y', 'image:1', '-c', 'true'];

test('ps leaves the old container out, by its short and its full id', () => {
  expect(call(aside(fakeDocker()), 'ps', '-q', '-a')).toMatchObject({ status: 0, stdout: 'bbbbbbbbbbbb\n' });
});

test('exit codes and arguments go through as they are', () => {
  const docker = fakeDocker('events');
  expect(call(aside(docker), 'events', 'a  b', '').status).toBe(9);
  expect(call(aside(fakeDocker('ps')), 'ps').status).toBe(9);
  expect(calls()[0]).toBe('docker events a  b ');
});

test('rm of the old container is answered, of another one done', () => {
  expect(call(aside(fakeDocker()), 'rm', '-f', old).status).toBe(0);
  expect(existsSync(join(root, 'calls'))).toBe(false);
  call(aside(fakeDocker()), 'rm', '-f', 'c'.repeat(64));
  expect(calls()).toEqual([`docker rm -f ${'c'.repeat(64)}`]);
});

test('run renames and stops the old container, then runs', () => {
  expect(call(aside(fakeDocker()), ...runArgs).status).toBe(0);
  expect(calls().filter((line) => !/ (ps|inspect) /.test(line))).toEqual([
    `docker rename ${old} set-aside`,
    `docker stop ${old}`,
    `docker ${runArgs.join(' ')}`,
  ]);
  expect(calls()[0]).toBe('docker inspect --type image image:1');
  expect(existsSync(marker)).toBe(true);
});

test.each([
  ['rename', []],
  ['stop', [`docker rename ${old} its-name`]],
])('when %s fails, what was done is undone and nothing runs', (failing, undone) => {
  const result = call(aside(fakeDocker(failing)), ...runArgs);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('it was left as it is');
  expect(existsSync(marker)).toBe(false);
  expect(calls()).not.toContain(`docker ${runArgs.join(' ')}`);
  const at = calls().findIndex((line) => line.startsWith(`docker ${failing} `));
  expect(
    calls()
      .slice(at + 1)
      .filter((line) => line.startsWith('docker rename')),
  ).toEqual(undone);
});

test('an image that is not there and cannot be pulled leaves the old container alone', () => {
  const docker = fakeDocker('pull');
  writeFileSync(docker, readFileSync(docker, 'utf8').replace('inspect) echo', 'inspect) exit 1; echo'));
  expect(call(aside(docker), ...runArgs).status).toBe(9);
  expect(calls()).toEqual(['docker inspect --type image image:1', 'docker pull image:1']);
  expect(existsSync(marker)).toBe(false);
});

test.each([
  [['--project-name', 'up', '-f', '/x/up', 'build'], false],
  [['--project-name', 'up', '-f', 'a.yml', '--env-file', '.env', 'up', '-d'], true],
  [['version', '--short'], false],
])('compose %j removes the old container: %j', (args, removes) => {
  const docker = fakeDocker();
  const compose = fakeDocker('nothing', 'compose');
  const v1 = composeScript({ docker, containerId: old, marker, compose });
  expect(call(v1, ...args).status).toBe(0);
  expect(calls().at(-1)).toBe(`compose ${args.join(' ')}`);
  expect(calls().includes(`docker rm -f ${old}`)).toBe(removes);
  expect(existsSync(marker)).toBe(removes);
  rmSync(join(root, 'calls'));
  rmSync(marker, { force: true });
  const v2 = composeScript({ docker, containerId: old, marker });
  expect(call(v2, 'compose', ...args).status).toBe(0);
  expect(calls().at(-1)).toBe(`docker compose ${args.join(' ')}`);
  expect(calls().includes(`docker rm -f ${old}`)).toBe(removes);
});

test('any text survives as one word of the shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      fc.pre(!text.includes('\0'));
      const out = execFileSync('sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' });
      expect(out).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('what is no id or no name is refused', () => {
  const bad = { docker: 'docker', marker, setAsideName: 'x' };
  for (const containerId of ['', 'abc', "a'b", `${old}0`, 'A'.repeat(64)]) {
    expect(() => setAsideScript({ ...bad, containerId })).toThrow(/container id/);
  }
  expect(() => setAsideScript({ ...bad, containerId: old, setAsideName: '-x' })).toThrow(/container name/);
});

test('where nothing is replaced, duplicates are left out of ps, and all else goes to docker', () => {
  const script = hidingScript(fakeDocker(), [old]);
  expect(call(script, 'ps', '-q').stdout).toBe('bbbbbbbbbbbb\n');
  call(script, 'rm', '-f', old);
  call(script, 'run', 'image');
  expect(readFileSync(join(root, 'calls'), 'utf8')).toContain(`docker rm -f ${old}\ndocker run image\n`);
  expect(() => hidingScript('docker', ['$(reboot)'])).toThrow('Not a container id');
});

/** What a docker answers to `inspect`, by way of the script that shows this label. */
function inspected(answer: string, label: string, ...ids: string[]) {
  const docker = join(root, 'fake docker');
  writeFileSync(join(root, 'answer'), answer);
  writeFileSync(
    docker,
    `#!/bin/sh\necho "$*" >>${quoted(join(root, 'calls'))}\ncat ${quoted(join(root, 'answer'))}\n`,
    {
      mode: 0o755,
    },
  );
  const script = relabellingScript(docker, { containerId: old, label }, [old.replaceAll('a', 'b')]);
  return call(script, 'inspect', '--type', 'container', ...ids);
}

test('inspect shows the other label, whatever text it is, and all else as it is', () => {
  const strange = fc.string({ unit: 'grapheme', maxLength: 40 });
  const config = fc.record({
    Env: fc.array(fc.oneof(strange, fc.constant('"devcontainer.metadata": "x",'))),
    Labels: fc.tuple(strange, strange).map(([a, z]) => ({ a, 'devcontainer.metadata': '[]', z })),
  });
  fc.assert(
    fc.property(config, strange, fc.constantFrom(4, 5), fc.boolean(), (Config, label, indent, isLast) => {
      const Labels = isLast ? { a: Config.Labels.a, 'devcontainer.metadata': '[]' } : Config.Labels;
      const answer = JSON.stringify([{ Config: { ...Config, Labels } }], undefined, indent);
      const { status, stdout } = inspected(answer, label, isLast ? old.slice(0, 12) : old);
      expect(status).toBe(0);
      const wanted = { ...Config, Labels: { ...Labels, 'devcontainer.metadata': label } };
      expect(JSON.parse(stdout)).toEqual([{ Config: wanted }]);
    }),
    { numRuns: 50 },
  );
});

test('an answer in which the label cannot be shown is a failure, other questions go to docker', () => {
  const compact = '[{"Config":{"Labels":{"devcontainer.metadata":"[]"}}}]';
  expect(inspected(compact, '[]', old)).toMatchObject({ status: 1 });
  expect(inspected(compact, '[]', old).stderr).toContain('devcontainer.metadata');
  expect(inspected(compact, '[]', 'c'.repeat(64))).toMatchObject({ status: 0, stdout: compact });
  expect(inspected(compact, '[]', old, 'c'.repeat(64))).toMatchObject({ status: 0, stdout: compact });
  const ps = relabellingScript(fakeDocker(), { containerId: 'c'.repeat(64), label: '' }, [old]);
  expect(call(ps, 'ps', '-q').stdout).toBe('bbbbbbbbbbbb\n');
  expect(call(ps, 'events').status).toBe(0);
  expect(calls().at(-1)).toBe('docker events');
  expect(() => relabellingScript('docker', { containerId: '$(reboot)', label: '' }, [])).toThrow(
    'Not a container id',
  );
});
