import { randomUUID, sign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificates } from './certificates';
import { startWebServer, type WebServer } from './webServer';

/** A token service that the real registry believes. */
export interface TokenIssuer extends WebServer {
  /** Lines for the registry's `auth:` section. */
  readonly auth: string;
  /** A token for all actions on a repository. */
  token(repository: string): string;
}

/** Gives a token of this many seconds to whoever has this name and password, one without rights to anybody else. */
export async function startTokenIssuer(
  login: string,
  seconds: () => number = () => 60,
): Promise<TokenIssuer> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-issuer-'));
  await certificates(folder, '127.0.0.1');
  const [key, certificate] = await Promise.all(
    ['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const issue = (repository: string, actions: readonly string[]): string => {
    const x5c = [(certificate ?? '').replace(/-----[^-]*-----|\s/g, '')];
    const now = Math.floor(Date.now() / 1000);
    const access = actions.length > 0 ? [{ type: 'repository', name: repository, actions }] : [];
    const times = { exp: now + seconds(), nbf: now - 10, iat: now };
    const claims = { iss: 'issuer', aud: 'registry', sub: 'me', jti: randomUUID(), ...times, access };
    const text = [{ alg: 'RS256', typ: 'JWT', x5c }, claims].map(part).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), key ?? '').toString('base64url')}`;
  };
  const server = await startWebServer(({ path, headers, body }, response) => {
    const fields = body === '' ? new URL(path, 'http://x').searchParams : new URLSearchParams(body);
    const isKnown =
      headers.authorization === `Basic ${Buffer.from(login).toString('base64')}` ||
      fields.get('refresh_token') === login;
    const [, repository = '', actions = ''] = /^repository:(.*):(.*)$/.exec(fields.get('scope') ?? '') ?? [];
    const token = issue(repository, isKnown ? actions.split(',') : []);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ [body === '' ? 'token' : 'access_token']: token, expires_in: seconds() }));
  });
  const auth = [
    '  token:',
    ...[`realm: "${server.url}/token?account=1,2"`, 'service: registry', 'issuer: issuer'].map(
      (line) => `    ${line}`,
    ),
    `    rootcertbundle: "${join(folder, 'cert.pem')}"`,
  ].join('\n');
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...server, auth, token: (repository) => issue(repository, ['pull', 'push']), stop };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
