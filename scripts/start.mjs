import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, npm, root } from './run.mjs';
import { setUp } from './setup.mjs';
import { findEngine, hasDesktop } from './surroundings.mjs';

main(async () => {
  const socket = await findEngine();
  const desktop = hasDesktop();
  await setUp([...(socket === undefined ? ['engine'] : ['client']), ...(desktop ? [] : ['compiler'])]);
  await npm(['run', '--silent', 'build']);
  return stayUp({
    SHIPSHAPE_START_SOCKET: socket ?? '',
    SHIPSHAPE_START_HOST: desktop ? 'desktop' : 'browser',
  });
});

/** Hands over to test/support/start.ts, and every signal too: it takes down what it started before it ends. */
function stayUp(env) {
  const args = ['--import', 'tsx', join(root, 'test/support/start.ts')];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  const stopWatching = whenParentDies(() => child.kill('SIGTERM'));
  child.on('close', stopWatching);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** npm and the shell it puts between itself and us may die of a signal without passing it on. */
function whenParentDies(act) {
  const before = parents();
  const watch = () => parents() !== before && act();
  const timer = setInterval(watch, process.env.npm_lifecycle_event ? 250 : 2 ** 31 - 1);
  return () => clearInterval(timer);
}

/** Our parent and its parent, as far as this machine tells. */
function parents() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')')).split(' ')[2]}`;
  } catch {
    return String(process.ppid);
  }
}
