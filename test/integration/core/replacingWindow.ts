/** A window that makes a container anew and dies at an action of its engine, by itself and without a word. */
import { silentLogger as logger } from '../../../src/common/logger';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { EngineStore } from '../../../src/core/engineStore';
import { replaceContainers } from '../../../src/core/replaceContainers';
import { Replacements } from '../../../src/core/replacements';
import { DockerEngine } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { FileRecords } from '../../../src/storage/fileRecords';
import { hostProcesses } from '../../../src/storage/processes';
import { failingEngine } from '../../support/failingEngine';

const [host = '', folder = '', id = '', image = '', step = '', when = ''] = process.argv.slice(2);
async function main(): Promise<void> {
  const engine = failingEngine(
    new DockerEngine(await resolveEndpoint(host)),
    Number(step),
    when === 'before' ? 'before' : 'after',
    () => {
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    },
  );
  const store = new EngineStore(engine, timers, logger);
  await store.refresh();
  const container = store.find(id);
  if (!container) throw new Error('no container');
  await replaceContainers(store, [{ container, image }], {
    replacements: new Replacements(new FileRecords(folder, logger), hostProcesses, logger),
    awaitReady: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  });
}

void main();
