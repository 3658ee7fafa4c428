import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { hostTimers } from '../../../src/common/scheduling';
import { parseReference, type ImageReference } from '../../../src/core/imageReference';
import { RegistryClient, type RegistryOptions } from '../../../src/registry/client';
import { startWebServer, type Asked, type WebServer } from '../../support/webServer';

/** A home folder of its own, and a client that knows no other. */
export interface Ground {
  readonly client: RegistryClient;
  readonly home: string;
  readonly told: string[];
  /** Writes docker's config.json. */
  readonly login: (config: unknown) => Promise<void>;
  /** Writes a file at home and gives its path. */
  readonly write: (name: string, text: string, mode?: number) => Promise<string>;
  readonly end: () => Promise<void>;
}

export async function makeGround(options: Partial<RegistryOptions> = {}): Promise<Ground> {
  const home = await mkdtemp(join(tmpdir(), 'shipshape-home-'));
  const told: string[] = [];
  const moved = (path: string): string => path.replace(/^\/etc\/docker\/certs\.d/, join(home, 'certs.d'));
  const system = {
    env: { PATH: `${home}:${process.env['PATH'] ?? ''}`, DOCKER_CONFIG: home },
    home,
    readFile: (file: string) => readFile(moved(file)).catch(undefinedIfMissing),
    list: (folder: string) => readdir(moved(folder)).catch(() => []),
  };
  const logger = { ...silentLogger, warn: (text: string) => void told.push(text) };
  const write = async (name: string, text: string, mode = 0o600): Promise<string> => {
    await writeFile(join(home, name), text, { mode });
    return join(home, name);
  };
  return {
    client: new RegistryClient({ system, timers: hostTimers, logger, ...options }),
    ...{ home, told, write },
    login: async (config) => {
      await write('config.json', JSON.stringify(config));
    },
    end: () => rm(home, { recursive: true, force: true }),
  };
}

/** The reference that must be one. */
export function named(text: string): ImageReference {
  const reference = parseReference(text);
  if (!reference) throw new Error(`${text} is no reference.`);
  return reference;
}

export function basic(login: string): string {
  return Buffer.from(login).toString('base64');
}

/** Without anything that the engine or a container adds. */
export const plain = { insecure: [] };

function undefinedIfMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** A web server that answers so, until the test is over. */
export async function serve(answer: (asked: Asked, response: ServerResponse) => unknown): Promise<WebServer> {
  const started = await startWebServer(answer);
  onTestFinished(() => started.stop());
  return started;
}
