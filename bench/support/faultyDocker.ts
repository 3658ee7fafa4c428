import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { waitFor } from '../../test/support/processes';

/** A `docker` that stands before the real one and, at a chosen subcommand, waits until it is told to fail or go on. */
export class FaultyDocker {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'faulty');
    mkdirSync(this.#folder);
    const at = (name: string): string => join(this.#folder, name);
    const script = `#!/bin/sh
if [ -f '${at('step')}' ] && [ "$1" = "$(cat '${at('step')}')" ] && mv '${at('step')}' '${at('held')}' 2>/dev/null; then
  until [ -f '${at('fail')}' ] || [ -f '${at('go')}' ]; do sleep 0.05; done
  if [ -f '${at('fail')}' ]; then echo 'injected fault' >&2; exit 1; fi
fi
exec '${realDocker()}' "$@"
`;
    writeFileSync(at('docker'), script);
    chmodSync(at('docker'), 0o755);
  }

  /** For the CLI: finds this docker before the real one. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${this.#folder}${delimiter}${process.env['PATH'] ?? ''}` };
  }

  /** The next call of this subcommand waits. */
  arm(step: string): void {
    for (const name of ['step', 'held', 'fail', 'go']) rmSync(join(this.#folder, name), { force: true });
    writeFileSync(join(this.#folder, 'step'), step);
  }

  /** Settles once a call waits: the fault can be seen to be injected. */
  async held(): Promise<void> {
    await waitFor('the step to be reached', () => existsSync(join(this.#folder, 'held')), 60_000);
  }

  end(how: 'fail' | 'go'): void {
    writeFileSync(join(this.#folder, how), '');
  }
}

function realDocker(): string {
  const folder = (process.env['PATH'] ?? '')
    .split(delimiter)
    .find((each) => existsSync(join(each, 'docker')));
  if (folder === undefined) throw new Error('There is no docker command.');
  return join(folder, 'docker');
}

/** The process of the CLI that a journal in this storage tells of; undefined when none runs. */
export function cliOf(storage: string, names: readonly string[]): number | undefined {
  for (const name of names) {
    const entry = JSON.parse(readFileSync(join(storage, 'journal', name), 'utf8')) as {
      run?: { pid: number };
    };
    if (entry.run) return entry.run.pid;
  }
  return undefined;
}
