/** Run in a user namespace with few inotify watches: watches the given files and prints what it hears. */
import { silentLogger } from '../../../src/common/logger';
import { FileConfigWatcher } from '../../../src/devcontainers/configWatcher';

const watcher = new FileConfigWatcher({ logger: silentLogger, pollingMs: 50, safetyNetMs: 1_000_000 });
watcher.onDidFail((message) => console.log(`failed ${message}`));
watcher.onDidChange((file) => console.log(`changed ${file}`));
void watcher.watch(process.argv.slice(2));
// The watcher's own timers do not keep a process alive.
setInterval(() => undefined, 1000);
void watcher.ready().then(() => console.log('ready'));
