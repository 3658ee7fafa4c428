/**
 * Connections to an engine over ssh, as the docker command makes them: `ssh HOST docker system dial-stdio` carries
 * the bytes of the engine's socket on its standard input and output. So the user's ssh configuration, keys and known
 * hosts count.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import http from 'node:http';
import { homedir } from 'node:os';
import { Duplex } from 'node:stream';
import { ShipshapeError } from '../common/errors';
import { oneLine } from './errors';
import type { SshTransport } from './hosts';
import { cut } from './json';

/** Gives each connection an ssh process of its own; idle ones are kept for the next request. */
export class SshAgent extends http.Agent {
  readonly #transport: SshTransport;

  constructor(transport: SshTransport) {
    super({ keepAlive: true });
    this.#transport = transport;
  }

  override createConnection(): Duplex {
    return new SshConnection(this.#transport);
  }
}

/** The arguments for ssh; the host stands behind `--`, so that it is never taken for an option. */
export function sshArguments({ host, user, port, remoteSocket }: SshTransport): string[] {
  return [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['-T', '-o', 'ConnectTimeout=10', '--', host, 'docker'],
    ...(remoteSocket === undefined ? [] : ['--host', `unix://${remoteSocket}`]),
    ...['system', 'dial-stdio'],
  ];
}

/** One ssh process as the stream that node:http takes for a socket. */
class SshConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #complaint = '';

  constructor(transport: SshTransport) {
    super();
    // Windows looks for a program in the working folder first, so that must not be somebody's project.
    const options = { stdio: 'pipe', cwd: homedir(), windowsHide: true } as const;
    this.#child = spawn('ssh', sshArguments(transport), options);
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#complaint = cut(this.#complaint + chunk.toString(), 2_000);
    });
    stdin.on('error', () => undefined);
    this.#child.on('error', (error) => this.destroy(unreached(transport, error.message)));
    this.#child.on('close', (status) => {
      const reason = this.#complaint.trim() || `ssh ended with status ${status ?? 'none'}`;
      if (status === 0) this.push(null);
      else this.destroy(unreached(transport, reason));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A failure to write is not told here: the end of the process follows, and brings the reason.
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe.destroy();
    this.#child.kill();
    done(error);
  }

  // What node:http calls on sockets and a pipe has no use for.
  setTimeout(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}

function unreached(transport: SshTransport, reason: string): ShipshapeError {
  const code = /permission denied/i.test(reason) ? 'engineDenied' : 'engineMissing';
  return new ShipshapeError(
    code,
    `No engine was reached through ssh on ${transport.host}: ${oneLine(reason)}`,
  );
}
