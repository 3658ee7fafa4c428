import { DOCKER_HUB, type ImageReference } from '../core/imageReference';
import type { RegistryLogin } from '../core/pullPorts';

/** As engines take it (`X-Registry-Auth`); Docker Hub has its own name there. */
export function authOf(login: RegistryLogin, { host }: ImageReference): object {
  const serveraddress = host === DOCKER_HUB ? 'https://index.docker.io/v1/' : host;
  return 'identityToken' in login
    ? { identitytoken: login.identityToken, serveraddress }
    : { username: login.username, password: login.password, serveraddress };
}
