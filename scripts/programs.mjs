import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { must, run } from './run.mjs';

/**
 * What each part of the testbed needs: programs, and for each the Debian package that brings it. Where there are
 * two packages, newer Debians have moved the program to the second.
 */
const parts = {
  engine: {
    dockerd: ['docker.io'],
    docker: ['docker.io', 'docker-cli'],
    iptables: ['iptables'],
    ip: ['iproute2'],
    busybox: ['busybox-static'],
  },
  client: { docker: ['docker.io', 'docker-cli'], busybox: ['busybox-static'] },
  compose: { 'docker-compose': ['docker-compose'] },
  registry: { 'docker-registry': ['docker-registry'] },
  podman: {
    podman: ['podman'],
    runc: ['runc'],
    '/usr/lib/cni/bridge': ['containernetworking-plugins'],
  },
  git: { git: ['git'] },
  mounts: { bindfs: ['bindfs'] },
  compiler: { 'g++': ['g++'], make: ['make'], python3: ['python3'] },
  browser: { chromium: ['chromium'] },
};

/** Installs what these parts lack, where that can be done; throws with plain words where it cannot. */
export async function installPrograms(names) {
  for (const round of [0, 1]) {
    const missing = missingPackages(names, round);
    if (missing.length > 0) {
      await install(missing);
    }
  }
  const missing = missingPackages(names, 1);
  if (missing.length > 0) {
    throw new Error(`Still missing after the installation: ${missing.join(' ')}`);
  }
}

function missingPackages(names, round) {
  const wanted = names.flatMap((name) => Object.entries(parts[name]));
  const missing = wanted.filter(([program]) => !isThere(program));
  return [...new Set(missing.map(([, packages]) => packages[round] ?? packages[0]))];
}

function isThere(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const candidates = program.startsWith('/') ? [program] : folders.map((folder) => join(folder, program));
  return candidates.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function install(packages) {
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    throw new Error(`Please install the programs of these Debian packages first: ${packages.join(' ')}`);
  }
  console.log(`Installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];
  await must('apt-get', [...options, 'update'], { env });
  await withoutServices(async () => {
    const args = [...options, 'install', '-y', '--no-install-recommends', ...packages];
    await run('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  });
}

/** Debian starts the daemons of a package at once, unless this file says no; ours are started by the testbed. */
async function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  }
  try {
    await work();
  } finally {
    if (isOurs) {
      rmSync(policy, { force: true });
    }
  }
}
