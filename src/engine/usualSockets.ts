/** Where engines usually listen on this machine, and what people call them. */
import { pathsOf, variable, type System } from './system';

/** Host strings of the engines that seem to be on this machine, for offering; the default place comes first. */
export async function usualSockets(system: System): Promise<string[]> {
  if (system.platform === 'win32') {
    const pipes = await system.list('//./pipe/');
    return ['docker_engine', 'podman-machine-default']
      .filter((pipe) => pipes.includes(pipe))
      .map((pipe) => `npipe:////./pipe/${pipe}`);
  }
  const paths = pathsOf(system);
  const below = (folder: string, ...files: string[]): string[] =>
    files.map((file) => paths.join(folder, file));
  const runtime = runtimeFolder(system);
  const temporary = variable(system, 'TMPDIR');
  const lima = paths.join(system.home, '.lima');
  const candidates = [
    ...below(system.home, '.docker/run/docker.sock'),
    '/var/run/docker.sock',
    ...(runtime ? below(runtime, 'docker.sock', 'podman/podman.sock') : []),
    '/run/podman/podman.sock',
    // Of Podman's machine on macOS.
    ...(temporary ? below(temporary, 'podman/podman-machine-default-api.sock') : []),
    ...below(system.home, '.colima/default/docker.sock', '.orbstack/run/docker.sock', '.rd/docker.sock'),
    ...(await system.list(lima)).map((machine) => paths.join(lima, machine, 'sock/docker.sock')),
    ...below(system.home, '.docker/desktop/docker.sock'),
  ];
  const there = await Promise.all(candidates.map((file) => system.exists(file)));
  return candidates.filter((_, index) => there[index]).map((file) => `unix://${file}`);
}

/** What people call the engine at this address: `Docker`, `Podman (rootless)`, `Colima`. */
export function usualName(endpoint: string, system: System): string {
  const product = isPodman(endpoint)
    ? 'Podman'
    : (products.find(([place]) => endpoint.includes(place))?.[1] ?? 'Docker');
  const runtime = runtimeFolder(system);
  const isOfUser =
    /^unix:\/\/\/run\/user\/\d+\//.test(endpoint) ||
    (runtime !== undefined && endpoint.startsWith(`unix://${runtime}/`));
  return isOfUser ? `${product} (rootless)` : product;
}

/** Whether Podman listens there, as far as the address tells. */
export function isPodman(endpoint: string): boolean {
  return /podman/i.test(endpoint);
}

const products: readonly (readonly [place: string, product: string])[] = [
  ['/.colima/', 'Colima'],
  ['/.orbstack/', 'OrbStack'],
  ['/.rd/', 'Rancher Desktop'],
  ['/.lima/', 'Lima'],
  ['/.docker/desktop/', 'Docker Desktop'],
];

/** The folder for the user's own sockets; processes that no login started have no variable for it. */
function runtimeFolder(system: System): string | undefined {
  const folder = variable(system, 'XDG_RUNTIME_DIR');
  if (folder !== undefined || system.platform !== 'linux' || !system.uid) return folder;
  return `/run/user/${system.uid}`;
}
