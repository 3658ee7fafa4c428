import { join } from 'node:path';
import { run } from './processes';

/** Writes `ca.pem`, `cert.pem` and `key.pem` for a server and a client at this IPv4 address, good for two days. */
export async function certificates(folder: string, address: string): Promise<void> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await run('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert]);
  await run('cp', [cert, join(folder, 'ca.pem')]);
}
