import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a program with our terminal as its own, and gives its exit code. A signal ends it first, and then us. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    const release = passSignals(child);
    child.on('error', reject);
    child.on('close', (code) => {
      release();
      resolve(code ?? 1);
    });
  });
}

function passSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const pass = (signal) => {
    child.kill(signal);
    child.on('close', () => process.exit(130));
  };
  signals.forEach((signal) => process.on(signal, pass));
  return () => signals.forEach((signal) => process.off(signal, pass));
}

/** Runs a program like `run`, and throws when it fails. */
export async function must(program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  }
}

/** Runs a script of an installed npm package, e.g. `tool('tsx/dist/cli.mjs', […])`. */
export function tool(script, args, options) {
  return run(process.execPath, [join(root, 'node_modules', script), ...args], options);
}

/** Runs npm: the one that runs us, when there is one. */
export function npm(args, options) {
  const script = process.env.npm_execpath;
  return script ? must(process.execPath, [script, ...args], options) : must('npm', args, options);
}

/** Runs a script's main function: an error ends it with its message and exit code 1. */
export function main(work) {
  work().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
