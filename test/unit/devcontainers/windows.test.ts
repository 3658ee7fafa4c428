/** What is decided otherwise on Windows, with its rules as a parameter. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CliRequest } from '../../../src/core/ports';
import {
  hostEnvironment,
  locateCli,
  programCandidates,
  upArguments,
} from '../../../src/devcontainers/cliCommand';
import { adoptedProcess, spawnToFiles, type CliProcess } from '../../../src/devcontainers/cliProcess';
import { findDocker, programsFor } from '../../../src/devcontainers/cliPrograms';
import { jobFolderAt } from '../../../src/devcontainers/jobFolder';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-windows-'));
});
afterEach(async () => {
  delete process.env['SystemRoot'];
  await rm(folder, { recursive: true });
});

const request: CliRequest = {
  workspaceFolder: 'c:\\work\\my project',
  configFile: 'c:\\work\\my project\\.devcontainer\\devcontainer.json',
  engine: { key: 'k', name: 'n', endpoint: 'e', env: {} },
  noCache: false,
};

test('programs are .exe files in absolute folders of the search path', () => {
  const searchPath = 'C:\\Program Files\\Docker;;D:\\tools';
  expect(programCandidates('docker', searchPath, 'win32')).toEqual([
    'C:\\Program Files\\Docker\\docker.exe',
    'D:\\tools\\docker.exe',
  ]);
  expect(programCandidates('Docker.EXE', 'D:\\tools', 'win32')).toEqual(['D:\\tools\\Docker.EXE']);
  expect(programCandidates('docker', '/usr/bin:/bin', 'linux')).toEqual(['/usr/bin/docker', '/bin/docker']);
});

test('the search path is cut at ";", without the workspace whatever its case, and variables have names in any case', () => {
  const Path = 'C:\\Windows;.;tools;C:\\WORK\\My Project\\bin;c:\\work\\my project;C:\\work\\other;D:\\x';
  const host = { Path, docker_host: 'tcp://old', NODE_OPTIONS: '-r x', vscode_pid: '1', HOME: 'C:\\h' };
  expect(hostEnvironment(host, request.workspaceFolder, 'win32')).toEqual({
    Path: 'C:\\Windows;C:\\work\\other;D:\\x',
    HOME: 'C:\\h',
  });
});

test('every value is one argument, however it is written', () => {
  const args = upArguments(request, { userData: 'C:\\Users\\A B\\data' }, { docker: 'C:\\D\\docker.exe' });
  expect(args).toContain('--workspace-folder=c:\\work\\my project');
  expect(args).toContain('--user-data-folder=C:\\Users\\A B\\data');
  expect(args).toContain('--docker-path=C:\\D\\docker.exe');
});

test.each(['C:\\tools\\devcontainer.cmd', 'C:\\tools\\DEVCONTAINER.BAT'])('%s is refused', async (custom) => {
  const location = { custom, bundled: '', launcher: '', platform: 'win32' } as const;
  await expect(locateCli(location)).rejects.toThrow(/batch file, which cannot be started safely/);
  await expect(findDocker({}, custom, 'win32')).rejects.toThrow(/batch file, which cannot be started safely/);
});

test('an absolute path of docker is taken as it is, and a relative one is none', async () => {
  expect(await findDocker({}, 'D:\\bin\\docker.exe', 'win32')).toBe('D:\\bin\\docker.exe');
  await expect(findDocker({ PATH: '' }, 'D:\\bin\\docker.exe', 'linux')).rejects.toThrow(/was not found/);
});

test.each([
  ['replaced', { replace: { containerId: 'a'.repeat(64), setAsideName: 'x' } }],
  ['hidden', { duplicates: ['b'.repeat(64)] }],
  ['shown with another label', { metadata: { containerId: 'a'.repeat(64), label: '[]' } }],
])('without a sh no script stands in for docker where a container is %s', async (_, more) => {
  const job = jobFolderAt(folder, '1234567890123-0123456789ab');
  const run = { job, request: { ...request, ...more }, env: {} };
  expect(await programsFor(run, 'D:\\docker.exe', 'win32')).toEqual({ docker: 'D:\\docker.exe' });
});

/** A program that runs until it is ended, under the rules of Windows. */
async function endless(): Promise<CliProcess> {
  const output = join(folder, 'output');
  return spawnToFiles({
    ...{ program: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], env: {}, cwd: folder },
    ...{ stdoutFile: output, stderrFile: output, platform: 'win32' },
  });
}

test('a program is ended by taskkill, with its children and by force', async () => {
  process.env['SystemRoot'] = join(folder, 'Windows');
  // Elsewhere such a path is the name of a file.
  const taskkill = join(folder, 'Windows\\System32\\taskkill.exe');
  await writeFile(taskkill, `#!/bin/sh\necho "$@" > ${folder}/told\nkill -9 $2\n`, { mode: 0o755 });
  const child = await endless();
  await child.end();
  expect(await child.exited).toEqual({ code: undefined, signal: 'SIGKILL' });
  expect(await readFile(join(folder, 'told'), 'utf8')).toBe(`/pid ${child.pid} /T /F\n`);
});

test.each(['our own', 'that of a window that is gone'])(
  'without taskkill it is ended alone: %s',
  async (whose) => {
    process.env['SystemRoot'] = join(folder, 'nowhere');
    const child = await endless();
    let isOver = false;
    void child.exited.then(() => (isOver = true));
    const adopted = adoptedProcess(child.pid, () => !isOver, 'win32');
    await (whose === 'our own' ? child : adopted).end();
    expect((await child.exited).signal).toBe('SIGKILL');
    await adopted.exited;
  },
);

test('it is no leader of a process group: there is none to signal', async () => {
  process.env['SystemRoot'] = join(folder, 'nowhere');
  const child = await endless();
  expect(() => process.kill(-child.pid, 0)).toThrow(/ESRCH/);
  await child.end();
});
