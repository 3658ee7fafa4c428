import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts the real compose command into a folder for PATH, behind a script that notes each run in the file `runs`. */
export async function countedCompose(bin: string, search: string): Promise<void> {
  const script = join(bin, 'docker-compose');
  const text = `#!/bin/sh\necho "$*" >> '${bin}/runs'\nPATH='${search}' exec docker-compose "$@"\n`;
  await writeFile(script, text);
  await chmod(script, 0o755);
}
