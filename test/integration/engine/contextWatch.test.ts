import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { ContextWatch } from '../../../src/engine/contextWatch';
import { currentContext } from '../../../src/engine/contexts';
import { thisSystem, type System } from '../../../src/engine/system';
import { docker, temporaryFolder } from './support';

describe('ContextWatch', () => {
  let folder: string;
  let system: System;
  let seen: (string | undefined)[];
  /** How often a file was looked at. */
  let reads: number;

  beforeEach(async () => {
    folder = join(await temporaryFolder(), '.docker');
    const real = thisSystem();
    reads = 0;
    const readFile = (file: string) => ((reads += 1), real.readFile(file));
    system = { ...real, readFile, env: { DOCKER_CONFIG: folder } };
    seen = [];
  });

  /** Watches, and notes at each call what the current context is. */
  function watch(): void {
    const onChange = () => void currentContext(system, silentLogger).then((name) => seen.push(name));
    const watching = new ContextWatch(onChange, { system, logger: silentLogger });
    onTestFinished(() => watching.dispose());
  }

  /** Writes again and again until it was noticed: when the watcher began to look cannot be seen from outside. */
  async function untilNoticed(change: () => Promise<unknown>): Promise<void> {
    const before = seen.length;
    await vi.waitFor(
      async () => {
        await change();
        await vi.waitFor(() => expect(seen.length).toBeGreaterThan(before), 1_500);
      },
      { timeout: 20_000 },
    );
  }

  const config = (value: unknown) => writeFile(join(folder, 'config.json'), JSON.stringify(value));

  it('notices the docker command switching, in a folder that was not there before', async () => {
    watch();
    await untilNoticed(async () => {
      await mkdir(folder, { recursive: true });
      await config({ auths: { [String(Math.random())]: {} } });
    });
    const run = (...args: string[]) => docker('', '--config', folder, 'context', ...args);
    await run('create', 'far', '--docker', 'host=unix:///far.sock');
    await run('use', 'far');
    await vi.waitFor(() => expect(seen.at(-1)).toBe('far'), 10_000);
    await run('use', 'default');
    await vi.waitFor(() => expect(seen.at(-1)).toBeUndefined(), 10_000);
  });

  it('notices a context that now leads elsewhere, and a file that is replaced', async () => {
    await mkdir(folder);
    await config({ currentContext: 'x' });
    watch();
    const meta = join(folder, 'contexts/meta', createHash('sha256').update('x').digest('hex'));
    await untilNoticed(async () => {
      await mkdir(meta, { recursive: true });
      const host = `unix:///${Math.random()}.sock`;
      await writeFile(
        join(meta, 'meta.json'),
        JSON.stringify({ Name: 'x', Endpoints: { docker: { Host: host } } }),
      );
    });
    await untilNoticed(async () => {
      await writeFile(join(folder, 'new'), JSON.stringify({ currentContext: 'y' }));
      await rename(join(folder, 'new'), join(folder, 'config.json'));
    });
    expect(seen.at(-1)).toBe('y');
    await untilNoticed(() => rm(join(folder, 'config.json'), { force: true }));
    expect(seen.at(-1)).toBeUndefined();
  });

  it('says nothing of a half-written file: what is shown stays until the rest is there (fault 15)', async () => {
    await mkdir(folder);
    await config({ currentContext: 'a' });
    watch();
    await untilNoticed(() => config({ currentContext: 'a', padding: Math.random() }));
    const whole = JSON.stringify({ currentContext: 'b' });
    for (let length = 0; length < whole.length; length += 6) {
      const before = reads;
      await writeFile(join(folder, 'config.json'), whole.slice(0, length));
      await vi.waitFor(() => expect(reads).toBeGreaterThan(before), 5_000);
      expect(new Set(seen)).toEqual(new Set(['a']));
    }
    await writeFile(join(folder, 'config.json'), whole);
    await vi.waitFor(() => expect(seen.at(-1)).toBe('b'), 5_000);
    expect(new Set(seen)).toEqual(new Set(['a', 'b']));
  });
});
