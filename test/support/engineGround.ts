import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  processesWith,
  run,
  runToEnd,
  signalProcess,
  startTimeOf,
  waitFor,
  withDescendants,
} from './processes';

/** What one private engine has of the machine: a number, and by it a folder, a bridge and addresses. */
export interface Ground {
  readonly folder: string;
  readonly bridge: string;
  /** The bridge's own address with its /24. */
  readonly address: string;
  /** All addresses of this engine: the networks it makes itself lie in here too. */
  readonly network: string;
}

const prefix = 'shipshape-engine-';
const numbers = Array.from({ length: 50 }, (_, index) => 200 + index);

/** Takes a free number, and sweeps up what crashed runs left. */
export async function takeGround(): Promise<Ground> {
  await sweepLeftovers();
  const used = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  for (const number of numbers.filter(
    (each) => !used.includes(` 10.${each}.`) && !used.includes(`\n10.${each}.`),
  )) {
    const ground = groundOf(number);
    if ((await claimFolder(ground)) && (await claimBridge(ground))) {
      return ground;
    }
  }
  throw new Error('no free 10.x network for a private engine');
}

/** Gives everything back: processes, mounts, network devices, firewall rules and the folder, in this order. */
export async function clearGround(ground: Ground): Promise<void> {
  const left = withDescendants(processesWith(/^(dockerd|containerd)/, ground.folder));
  left.forEach((pid) => signalProcess(pid, 'SIGKILL'));
  await waitFor(`processes of ${ground.folder} to end`, () => left.every((pid) => !startTimeOf(pid)));
  await unmountAll(ground.folder);
  await changeRules(ground, '-D');
  await deleteDevices(ground);
  await rm(ground.folder, { recursive: true, force: true, maxRetries: 5 });
}

function groundOf(number: number): Ground {
  return {
    folder: join(tmpdir(), `${prefix}${number}`),
    bridge: `shipshape${number}`,
    address: `10.${number}.0.1/24`,
    network: `10.${number}.0.0/16`,
  };
}

/** The folder comes with its owner's name in it at once, so that no sweep takes it for a leftover. */
async function claimFolder(ground: Ground): Promise<boolean> {
  const fresh = await mkdtemp(join(tmpdir(), 'shipshape-claim-'));
  await writeFile(join(fresh, 'owner'), `${process.pid} ${startTimeOf(process.pid) ?? ''}`);
  await mkdir(join(fresh, 'data'));
  try {
    await rename(fresh, ground.folder);
    return true;
  } catch {
    await rm(fresh, { recursive: true });
    return false;
  }
}

async function claimBridge(ground: Ground): Promise<boolean> {
  const added = await runToEnd('ip', ['link', 'add', ground.bridge, 'type', 'bridge']);
  if (added.code !== 0) {
    await rm(ground.folder, { recursive: true });
    if (!added.stderr.includes('File exists')) {
      throw new Error(`a private engine needs root and a network bridge: ${added.stderr.trim()}`);
    }
    return false;
  }
  await run('ip', ['addr', 'add', ground.address, 'dev', ground.bridge]);
  await run('ip', ['link', 'set', ground.bridge, 'up']);
  await changeRules(ground, '-I');
  return true;
}

/** Our own few rules, since dockerd would rewrite the chains of the user's own engine: it runs without. */
async function changeRules(ground: Ground, action: '-I' | '-D'): Promise<void> {
  const rules = [
    ['-t', 'nat', action, 'POSTROUTING', '-s', ground.network, '!', '-d', ground.network, '-j', 'MASQUERADE'],
    [action, 'FORWARD', '-s', ground.network, '-j', 'ACCEPT'],
    [action, 'FORWARD', '-d', ground.network, '-j', 'ACCEPT'],
  ];
  for (const rule of rules) {
    await runToEnd('iptables', ['-w', ...rule]); // Without them only the way out is missing, which no suite needs.
  }
}

async function sweepLeftovers(): Promise<void> {
  for (const number of numbers) {
    const ground = groundOf(number);
    const owner = await readFile(join(ground.folder, 'owner'), 'utf8').catch(() => undefined);
    const [pid, started] = owner?.split(' ') ?? [];
    if (owner !== undefined && startTimeOf(Number(pid)) !== started) {
      await clearGround(ground);
    }
  }
  await sweepClaims();
}

/** A run that crashed in the middle of a claim leaves a folder that never got its number. */
async function sweepClaims(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((each) => each.startsWith('shipshape-claim-'))) {
    const owner = await readFile(join(tmpdir(), name, 'owner'), 'utf8').catch(() => undefined);
    if (owner !== undefined && startTimeOf(Number(owner.split(' ')[0])) === undefined) {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

async function unmountAll(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.reverse()) {
    await runToEnd('umount', ['-l', point]);
  }
}

/** Deletes our bridge and those the engine made for networks of its own. */
async function deleteDevices(ground: Ground): Promise<void> {
  const start = ground.network.replace(/0\.0\/16$/, '');
  for (const line of (await run('ip', ['-o', '-4', 'addr'])).split('\n')) {
    const [, device, , address] = line.split(/\s+/);
    if (device !== undefined && (device === ground.bridge || address?.startsWith(start))) {
      await runToEnd('ip', ['link', 'delete', device]);
    }
  }
  await runToEnd('ip', ['link', 'delete', ground.bridge]);
}
