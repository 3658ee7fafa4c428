import { readFile } from 'node:fs/promises';
import { ShipshapeError } from '../common/errors';
import { secretValues } from './redaction';

/** The values in a file of secrets, none without a file. Rejects with `invalidArgument`, naming the file. */
export async function readSecrets(secretsFile: string | undefined): Promise<string[]> {
  if (secretsFile === undefined) return [];
  try {
    return secretValues(JSON.parse(await readFile(secretsFile, 'utf8')));
  } catch (error) {
    throw new ShipshapeError('invalidArgument', `The file of secrets cannot be read: ${secretsFile}`, {
      cause: error,
    });
  }
}
