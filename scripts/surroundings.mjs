import { execFileSync } from 'node:child_process';
import { request } from 'node:http';

/** The socket of the user's own engine, when one answers on this machine; undefined otherwise. */
export async function findEngine() {
  const endpoint = process.env.DOCKER_HOST || contextEndpoint() || 'unix:///var/run/docker.sock';
  // An engine elsewhere could not see the sample's folder, so it is of no use here.
  const socketPath = endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : undefined;
  return socketPath !== undefined && (await answers(socketPath)) ? socketPath : undefined;
}

/** True where a desktop VS Code can open a window. */
export function hasDesktop() {
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  // It refuses to run as root without being told twice.
  return Boolean(hasDisplay) && process.getuid?.() !== 0 && firstLine('code', ['--version']) !== undefined;
}

function contextEndpoint() {
  return firstLine('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
}

function firstLine(program, args) {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 };
    return execFileSync(program, args, options).split('\n')[0];
  } catch {
    return undefined;
  }
}

function answers(socketPath) {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}
