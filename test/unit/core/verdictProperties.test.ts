/**
 * The verdict on random edits of random configurations, against the classes of the specification: written down here
 * by themselves, so that the product's own table is put to the test.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect } from '../../../src/api';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import type { OkReading } from '../../../src/core/madeFrom';
import type { InputKind, InputReading, InputValue } from '../../../src/core/ports';
import { parseJsonc } from '../../../src/devcontainers/jsonc';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';

const RUNS = Number(process.env['SHIPSHAPE_PROPERTY_RUNS'] ?? 4_000);
const TIME_MS = 30 * RUNS;
const FILE = '/w/.devcontainer/devcontainer.json';

const CLASSES: Readonly<Record<Exclude<Effect, 'unknown'>, readonly string[]>> = {
  rebuild: 'image dockerFile context overrideFeatureInstallOrder updateRemoteUserUID'.split(' '),
  recreate:
    `runArgs mounts containerUser workspaceMount workspaceFolder appPort init privileged capAdd securityOpt
    overrideCommand dockerComposeFile service runServices onCreateCommand updateContentCommand
    postCreateCommand`.split(/\s+/),
  restart: 'postStartCommand postAttachCommand remoteUser userEnvProbe'.split(' '),
  none: `name forwardPorts portsAttributes otherPortsAttributes shutdownAction waitFor initializeCommand $schema
    somethingNew`.split(/\s+/),
};
/** Properties whose own properties count one by one, with the class of each. */
const NESTED: Readonly<Record<string, Effect>> = {
  build: 'rebuild',
  features: 'rebuild',
  containerEnv: 'recreate',
  remoteEnv: 'restart',
  customizations: 'none',
};

const simple = Object.entries(CLASSES).flatMap(([effect, names]) => names.map((name) => [name, effect]));
const effects = new Map([...simple, ...Object.entries(NESTED)] as [string, Effect][]);

const scalar = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null));
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(fc.string(), scalar));
const inner = fc.dictionary(fc.constantFrom('A', 'B', 'ghcr.io/x:1', 'a.b'), scalar, { maxKeys: 3 });
const property = fc
  .constantFrom(...effects.keys())
  .chain((name) => fc.tuple(fc.constant(name), name in NESTED ? inner : value));
const config = fc.array(property, { maxLength: 8 }).map((entries) => Object.fromEntries(entries));

/** JSON as people and formatters write it: any order, comments, trailing commas, line ends, a byte order mark. */
const style = fc.record({
  seed: fc.nat(),
  eol: fc.constantFrom('\n', '\r\n'),
  comment: fc.constantFrom('', '// why', '/* { "init": true } */'),
  trailing: fc.boolean(),
  indent: fc.constantFrom('', ' ', '\t'),
});
type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;

function written(configuration: object, { seed, eol, comment, trailing, indent }: Style): string {
  const entries = Object.entries(configuration).map(([key, entry]): [string, string, number] => {
    const order = (seed * 31 + key.length * 17 + (key.codePointAt(0) ?? 0)) % 97;
    // Keys inside too come in either order.
    return [key, JSON.stringify(seed % 2 === 0 ? turned(entry) : entry), order];
  });
  const lines = entries
    .sort((a, b) => a[2] - b[2])
    .map(([key, text]) => `${indent}${JSON.stringify(key)} :${indent}${text}`);
  const end = trailing && lines.length > 0 ? ',' : '';
  return [comment, '{', lines.join(`,${eol}${comment}${eol}`) + end, comment, '}', ''].join(eol);
}

function turned(v: unknown): unknown {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return v;
  return Object.fromEntries(Object.entries(v).reverse());
}

function readingOf(text: string): OkReading {
  const parsed = parseJsonc(text);
  if (!('value' in parsed)) throw new Error(`${parsed.problem.message}: ${text}`);
  return { status: 'ok', text, value: parsed.value as OkReading['value'], modifiedAt: 0 };
}

const subject = {
  engine: 'e',
  container: devContainer('a', '/w', FILE),
  workspaceFolder: '/w',
  configFile: FILE,
  skewMs: 0,
};

function judge(before: string, now: string, inputs: readonly [InputReading[], InputReading[]] = [[], []]) {
  const drift = new Drift(new FakeRecords(), new FakeDisk(), () => judging, silentLogger);
  drift.record(subject, 'created', { reading: readingOf(before), inputs: inputs[0] });
  const set = { readings: inputs[1], files: [], folders: [] };
  return drift.judge(subject, { reading: readingOf(now), inputs: set });
}

/** What the classes say of two values of a property: each own property of some counts by itself. */
function expected(name: string, before: unknown, now: unknown): boolean {
  const plain = (v: unknown): string => (v === undefined ? 'absent' : JSON.stringify(sorted(v)));
  if (!(name in NESTED)) return plain(before) !== plain(now);
  return plain(before ?? {}) !== plain(now ?? {});
}

function sorted(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(sorted);
  if (typeof v !== 'object' || v === null) return v;
  return Object.fromEntries(
    Object.entries(v)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}

test(
  `a configuration that is only written otherwise is clean (${RUNS} cases)`,
  () => {
    fc.assert(
      fc.property(config, style, style, (made, a, b) => {
        expect(judge(written(made, a), written(made, b))).toEqual({ dirty: false, changes: [] });
      }),
      { numRuns: RUNS },
    );
  },
  TIME_MS,
);

test(
  `an edit is told with the class that the specification gives it (${RUNS} cases)`,
  () => {
    fc.assert(
      fc.property(config, property, fc.boolean(), style, style, (made, [name, next], removes, a, b) => {
        const { [name]: old, ...rest } = made;
        const today = removes ? rest : { ...rest, [name]: next };
        const verdict = judge(written(made, a), written(today, b));
        const isChange = expected(name, old, removes ? undefined : next);
        const effect = effects.get(name);
        expect(verdict.changes.length > 0).toBe(isChange);
        for (const change of verdict.changes) {
          expect(change.property === name || change.property?.startsWith(`${name}.`)).toBe(true);
          expect(change.effect).toBe(effect);
        }
        expect(verdict.dirty).toBe(isChange && effect !== 'none');
      }),
      { numRuns: RUNS },
    );
  },
  TIME_MS,
);

const kinds: readonly InputKind[] = ['dockerfile', 'context', 'compose', 'envFile', 'feature', 'lockfile'];
const inputValue = fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 4 })) as fc.Arbitrary<InputValue>;
const reading = fc.record({
  kind: fc.constantFrom(...kinds),
  input: fc.constantFrom('Dockerfile', '.', 'compose.yml'),
  values: fc.dictionary(fc.string(), inputValue, { maxKeys: 4 }),
});
const readings = fc.uniqueArray(reading, {
  maxLength: 4,
  selector: ({ kind, input }) => `${kind}|${input}`,
});

test(
  `inputs are dirty exactly when a value of one differs (${RUNS} cases)`,
  () => {
    fc.assert(
      fc.property(readings, fc.nat(), fc.string(), inputValue, (before, at, key, next) => {
        const target = before[at % Math.max(1, before.length)];
        const now = before.map((one) =>
          one === target ? { ...one, values: { ...one.values, [key]: next } } : { ...one, modifiedAt: 5 },
        );
        const verdict = judge('{}', '{}', [before, now.reverse()]);
        const old = target && Object.hasOwn(target.values, key) ? target.values[key] : undefined;
        // What an env file says is part of a merged model, which speaks for it.
        const isMerged = target?.kind === 'envFile' && before.some(({ kind }) => kind === 'compose');
        const isChange = target !== undefined && !isMerged && JSON.stringify(old) !== JSON.stringify(next);
        expect(verdict.dirty).toBe(isChange);
        expect(verdict.changes).toHaveLength(isChange ? 1 : 0);
      }),
      { numRuns: RUNS },
    );
  },
  TIME_MS,
);
