import { posix, win32 } from 'node:path';
import { ShipshapeError } from '../common/errors';
import type { CliRequest } from '../core/ports';
import { findProgram, isBatch } from './cliCommand';
import { addFile, type JobFolder } from './jobFolder';
import { composeScript, hidingScript, relabellingScript, setAsideScript } from './replaceScript';

/** The absolute path of the docker program; `given` is its name or path, if the user has said so. */
export async function findDocker(
  env: Readonly<Record<string, string>>,
  given = '',
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  if (isBatch(given)) {
    const message = `${given} is a batch file, which cannot be started safely; name the program that it runs.`;
    throw new ShipshapeError('cliMissing', message);
  }
  if ((platform === 'win32' ? win32 : posix).isAbsolute(given)) return given;
  const searchPath = env['PATH'] ?? env['Path'] ?? '';
  // Where the engine is Podman its own command will do: there need be no other.
  const names = [given === '' ? 'docker' : given, ...(env['CONTAINER_HOST'] ? ['podman'] : [])];
  for (const name of names) {
    const program = await findProgram(name, searchPath, platform);
    if (program !== undefined) return program;
  }
  const message = `The program ${names.join(' or ')} was not found on the PATH; the Dev Containers CLI needs it.`;
  throw new ShipshapeError('cliMissing', message);
}

/**
 * Docker and docker-compose, or scripts that stand in for them while a container is replaced or others hidden. Windows has
 * no sh for a script: there it is docker itself.
 */
export async function programsFor(
  {
    job,
    request,
    env,
  }: {
    readonly job: JobFolder;
    readonly request: CliRequest;
    readonly env: Readonly<Record<string, string>>;
  },
  docker: string,
  platform: NodeJS.Platform,
): Promise<{ readonly docker: string; readonly compose?: string }> {
  const { replace, metadata, duplicates = [] } = request;
  if (platform === 'win32') return { docker };
  if (!replace) {
    if (duplicates.length === 0 && !metadata) return { docker };
    const script = metadata
      ? relabellingScript(docker, metadata, duplicates)
      : hidingScript(docker, duplicates);
    return { docker: await addFile(job, 'docker', script, 0o700) };
  }
  const { containerId, setAsideName } = replace;
  const replacement = { docker, containerId, duplicates, marker: job.marker };
  const copy = replace.copyName === undefined ? {} : { copyName: replace.copyName };
  if (setAsideName !== undefined) {
    const script = setAsideScript({ ...replacement, setAsideName });
    return { docker: await addFile(job, 'docker', script, 0o700) };
  }
  const standIn = await addFile(job, 'docker', composeScript({ ...replacement, ...copy }), 0o700);
  const compose = await findProgram('docker-compose', env['PATH'] ?? '');
  if (compose === undefined) return { docker: standIn };
  const script = composeScript({ ...replacement, ...copy, compose });
  return { docker: standIn, compose: await addFile(job, 'docker-compose', script, 0o700) };
}
