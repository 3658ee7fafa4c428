import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FailureClues } from '../../../src/devcontainers/buildFailure';
import { explainFailure } from '../../../src/devcontainers/buildFailure';
import { CliLogParser } from '../../../src/devcontainers/cliLog';
import { dockerfileParts, lineOfInstruction } from '../../../src/devcontainers/dockerfileLines';
import { LogMemory } from '../../../src/devcontainers/logMemory';
import { cpuTime } from '../../support/cpuTime';

const fixtures = 'test/fixtures/cli-logs';
const dockerfile = { path: '/w/Dockerfile', text: 'FROM a\n\nRUN one\nRUN two && \\\n    false\nRUN one\n' };

function explain(clues: Partial<FailureClues>): ReturnType<typeof explainFailure> {
  return explainFailure({ lines: [], steps: [], configFile: '/w/devcontainer.json', ...clues });
}

const buildClues = {
  message: 'Command failed: docker build -f /x/Dockerfile-with-features -t y .',
  description: 'An error occurred building the image.',
};

/** What the recorded run tells. */
function explainRecorded(name: string, more: Partial<FailureClues> = {}): ReturnType<typeof explainFailure> {
  const memory = new LogMemory();
  const parser = new CliLogParser({
    onLine: (line) => memory.line(line),
    onProgress: (progress) => memory.progress(progress),
  });
  parser.push(readFileSync(`${fixtures}/${name}.ndjson`));
  parser.end();
  const answer = JSON.parse(readFileSync(`${fixtures}/${name}.json`, 'utf8')) as FailureClues;
  const { message, description } = answer;
  return explain({ lines: memory.recent(), steps: memory.steps(), message, description, ...more });
}

test('a recorded build failure of the classic builder', () => {
  const text = readFileSync(`${fixtures}/build-failure.Dockerfile`, 'utf8');
  expect(explainRecorded('build-failure', { dockerfile: { path: '/w/Dockerfile', text } })).toEqual({
    kind: 'build',
    message: 'The build failed at Dockerfile line 4 (RUN echo about to fail && false), exit code 1.',
    file: '/w/Dockerfile',
    line: 4,
    command: 'RUN echo about to fail && false',
    exitCode: 1,
  });
  expect(explainRecorded('build-failure')).toEqual({
    kind: 'build',
    message: 'The build failed at RUN echo about to fail && false, exit code 1.',
    command: 'RUN echo about to fail && false',
    exitCode: 1,
  });
});

test('a recorded hook failure', () => {
  const configText = '{\n  "image": "x",\n  "postCreateCommand": "exit 3"\n}';
  expect(explainRecorded('hook-failure', { configText })).toEqual({
    kind: 'lifecycle',
    message: 'postCreateCommand failed, exit 3.',
    file: '/w/devcontainer.json',
    line: 3,
    command: 'echo before; exit 3',
    exitCode: 3,
  });
});

test('a recorded failure of docker run', () => {
  expect(explainRecorded('run-failure')).toEqual({
    kind: 'run',
    message: 'Port 39871 of the host is already in use.',
  });
});

test('BuildKit names its step itself', () => {
  const lines = [
    '#5 [2/3] RUN one',
    '#6 [3/3] RUN two &&     false',
    '#6 ERROR: process "/bin/sh -c two &&     false" did not complete successfully: exit code: 17',
    '------',
    ' > [stage-0 3/3] RUN two &&     false:',
    '0.123 output',
    '------',
    'ERROR: failed to build: failed to solve: process "/bin/sh -c two" did not complete successfully: exit code: 17',
  ];
  expect(explain({ ...buildClues, lines, steps: ['RUN one'], dockerfile })).toEqual({
    kind: 'build',
    message: 'The build failed at Dockerfile line 4 (RUN two && false), exit code 17.',
    file: '/w/Dockerfile',
    line: 4,
    command: 'RUN two && false',
    exitCode: 17,
  });
});

test('of equal steps the one that failed is meant', () => {
  const lines = ["The command '/bin/sh -c one' returned a non-zero code: 2"];
  expect(explain({ ...buildClues, lines, steps: ['FROM a', 'RUN one'], dockerfile }).line).toBe(3);
  expect(explain({ ...buildClues, lines, steps: ['RUN one', 'RUN two', 'RUN one'], dockerfile }).line).toBe(
    6,
  );
});

test.each([
  ['Bind for 0.0.0.0:8080 failed: port is already allocated.', 'Port 8080 of the host is already in use.'],
  ['listen tcp 127.0.0.1:80: bind: address already in use', 'Port 80 of the host is already in use.'],
  ['listen udp4 [::]:53: bind: address already in use', 'Port 53 of the host is already in use.'],
  ['Error response from daemon: no space left', 'The container could not be started: no space left.'],
  ['whatever', 'The container could not be started.'],
])('docker run: %j', (line, message) => {
  const command = { message: 'Command failed: docker run --sig-proxy=false -a STDOUT x' };
  expect(explain({ ...command, lines: [line] })).toEqual({ kind: 'run', message });
});

test('Compose: up is a run, build a build', () => {
  const up = 'Command failed: docker compose --project-name x -f y up -d';
  expect(explain({ message: up }).kind).toBe('run');
  const build = 'Command failed: docker-compose --project-name x -f y build';
  expect(explain({ message: build }).kind).toBe('build');
});

test.each([
  ['network stack', 'network_mode'],
  ['PID namespace', 'pid'],
  ['IPC namespace', 'ipc'],
])('Compose finds no container whose %s is shared: what to write instead is said', (what, property) => {
  const lines = [`Service 'db' uses the ${what} of container 'x_app_1' which does not exist.`];
  const up = { message: 'Command failed: docker-compose --project-name x -f y up -d', lines };
  const failure = explain(up);
  expect(failure.message).toContain(`service db uses the ${what} of container x_app_1`);
  expect(failure.message).toContain(`(${property}: "service:NAME")`);
  expect(failure.kind).toBe('run');
  expect(explain({ ...up, message: 'Command failed: docker-compose --project-name x build' }).kind).toBe(
    'build',
  );
  // A build may print what it likes.
  expect(explain({ ...buildClues, lines }).message).toBe('The build failed.');
});

test('hooks of Features and named parts are told apart', () => {
  expect(explain({ description: "postCreateCommand from Feature './local' failed." }).message).toBe(
    "postCreateCommand from Feature './local' failed.",
  );
  const configText = '{\n"postStartCommand": {\n"a": "x",\n"b": "y" } }';
  expect(
    explain({ description: 'b of postStartCommand from devcontainer.json failed.', configText }),
  ).toMatchObject({
    message: 'b of postStartCommand failed.',
    line: 4,
  });
});

test('without any clue there is still a sentence', () => {
  expect(explain({}).message).toBe('The Dev Containers CLI ended and gave no result.');
  expect(explain({ exitCode: 1, lines: ['last words', ''] }).message).toBe(
    'The Dev Containers CLI ended with exit code 1 and gave no result. Its last line: last words',
  );
  expect(explain({ message: 'a\nb', description: 'c' })).toEqual({ kind: 'other', message: 'c a b' });
  expect(explain({ message: 'no a.', description: 'no a.' }).message).toBe('no a.');
  expect(explain({ description: 'no a.' }).message).toBe('no a.');
});

test('instructions are found over comments, continuations and another escape', () => {
  const text = '# escape=`\nFROM a AS b\nrun x `\n# between\n\n  && y\nCOPY a  b\n';
  expect(dockerfileParts(text).instructions).toMatchObject([
    { line: 2, text: 'FROM a AS b' },
    { line: 3, text: 'RUN x && y' },
    { line: 7, text: 'COPY a b' },
  ]);
  expect(lineOfInstruction(text, 'RUN x   && y')).toBe(3);
  expect(lineOfInstruction('FROM a\nFROM ab\n', 'FROM a AS dev_stage')).toBe(1);
  expect(lineOfInstruction('FROM a\n', 'RUN x')).toBeUndefined();
});

test('100 kB of hostile log and Dockerfile take less than 200 ms', () => {
  for (const piece of [
    'a',
    ' ',
    ' > [',
    '#5 [',
    'Error response from daemon: ',
    'listen tcp :',
    "ENOENT '",
    ' of ',
  ]) {
    const text = piece.repeat(100_000 / piece.length);
    const took = cpuTime(() => {
      explain({ ...buildClues, lines: [text, text], steps: [text], dockerfile: { path: '/w/D', text } });
      explain({ message: text, description: text, lines: [text] });
    });
    expect(took).toBeLessThan(200);
  }
});

test('a build that fails on Podman', () => {
  const run = 'building at STEP "RUN two && false": while running runtime: exit status 7';
  expect(
    explain({ ...buildClues, dockerfile, steps: ['FROM a', 'RUN two &&     false'], lines: [run] }),
  ).toEqual({
    kind: 'build',
    message: 'The build failed at Dockerfile line 4 (RUN two && false), exit code 7.',
    file: '/w/Dockerfile',
    line: 4,
    command: 'RUN two && false',
    exitCode: 7,
  });
  const copy =
    'Error: building at STEP "COPY x y": checking on sources under "/w": no such file or directory';
  expect(explain({ ...buildClues, steps: ['COPY x y'], lines: [copy] }).message).toBe(
    'The build failed at COPY x y: checking on sources under "/w": no such file or directory.',
  );
});
