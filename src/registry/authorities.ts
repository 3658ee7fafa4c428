import { join } from 'node:path';

/** The machine, as far as engines keep certificates of registries there. */
export interface CertificateSystem {
  /** Absolute path of the user's home folder. */
  readonly home: string;
  readFile(file: string): Promise<Buffer | undefined>;
  /** Names in a folder; none when it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
}

/** The authorities that engines trust for this registry besides the system's, as PEM; undefined where there are none. */
export async function authoritiesOf(host: string, system: CertificateSystem): Promise<Buffer | undefined> {
  const folders = [
    '/etc/docker/certs.d',
    '/etc/containers/certs.d',
    join(system.home, '.config', 'docker', 'certs.d'),
    join(system.home, '.config', 'containers', 'certs.d'),
  ].map((folder) => join(folder, host));
  const found = folders.map(async (folder) => {
    const names = (await system.list(folder)).filter((name) => name.endsWith('.crt'));
    return Promise.all(names.map((name) => system.readFile(join(folder, name)).catch(() => undefined)));
  });
  const pems = (await Promise.all(found)).flat().filter((pem) => pem !== undefined);
  return pems.length === 0 ? undefined : Buffer.concat(pems.flatMap((pem) => [pem, Buffer.from('\n')]));
}
