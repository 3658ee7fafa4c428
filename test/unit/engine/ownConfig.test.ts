import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutImageConfig } from '../../../src/engine/ownConfig';

type Config = Record<string, unknown>;

/** What an engine makes of a request and an image (moby, daemon/commit.go `merge`). */
function made(asked: Config, image: Config): Config {
  const entries = (name: string): Config => ({ ...(image[name] as Config), ...(asked[name] as Config) });
  const own = (asked['Env'] ?? []) as string[];
  const names = new Set(own.map((each) => each.split('=')[0]));
  const inherited = ((image['Env'] ?? []) as string[]).filter((each) => !names.has(each.split('=')[0]));
  const isOwn = asked['Entrypoint'] !== undefined;
  const reset = isOwn && (asked['Entrypoint'] as string[])[0] === '';
  const or = (name: string): unknown => asked[name] ?? image[name];
  return {
    Labels: entries('Labels'),
    ExposedPorts: entries('ExposedPorts'),
    Volumes: entries('Volumes'),
    Env: [...own, ...inherited],
    Entrypoint: reset ? [] : or('Entrypoint'),
    Cmd: asked['Cmd'] ?? (isOwn ? undefined : image['Cmd']),
    User: or('User'),
    WorkingDir: or('WorkingDir'),
    StopSignal: or('StopSignal'),
    Healthcheck: or('Healthcheck'),
  };
}

/** Values of a request begin otherwise than those of images: what was asked in the image's own words nobody can tell. */
const values = (prefix: string) => {
  const word = fc.stringMatching(/^[a-c]{1,2}$/).map((each) => prefix + each);
  const optional = <T>(each: fc.Arbitrary<T>) => fc.option(each, { nil: undefined });
  return fc.record({
    Labels: fc.dictionary(fc.stringMatching(/^[a-d]$/), word),
    ExposedPorts: fc.dictionary(word, fc.constant({})),
    Volumes: fc.dictionary(word, fc.constant({})),
    Env: fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[A-D]$/), word), { selector: ([name]) => name })
      .map((all) => all.map(([name, value]) => `${name}=${value}`)),
    Entrypoint: optional(fc.array(word, { minLength: 1, maxLength: 2 })),
    Cmd: optional(fc.array(word, { minLength: 1, maxLength: 2 })),
    User: optional(word),
    WorkingDir: optional(word),
    StopSignal: optional(word),
    Healthcheck: optional(fc.record({ Test: fc.array(word, { minLength: 1 }) })),
  });
};

const sorted = (config: Config): Config => ({ ...config, Env: [...(config['Env'] as string[])].sort() });

describe('what was asked for a container', () => {
  it('makes of a newer image what the same request would have made', () => {
    fc.assert(
      fc.property(
        values('own-'),
        values('old-'),
        values('new-'),
        fc.boolean(),
        (asked, old, next, resets) => {
          const request: Config = resets && old.Entrypoint ? { ...asked, Entrypoint: [''] } : asked;
          const again = withoutImageConfig(made(request, old), old);
          expect(sorted(made(again, next))).toEqual(sorted(made(request, next)));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('keeps what the image does not say, whatever it is', () => {
    const config = { Hostname: 'db', Tty: true, OpenStdin: false, Image: 'app:1', StopTimeout: 3 };
    expect(withoutImageConfig(config, { Hostname: '', Env: ['A=1'] })).toEqual(config);
  });

  it('keeps a command that stands beside an entrypoint of its own, though the image has the same', () => {
    const config = { Entrypoint: ['/run'], Cmd: ['serve'] };
    expect(withoutImageConfig(config, { Entrypoint: ['/start'], Cmd: ['serve'] })).toEqual(config);
  });

  it('is not confused by odd descriptions', () => {
    expect(
      withoutImageConfig({ Env: 'A=1', Labels: null, Cmd: null }, { Env: null, Labels: [], Cmd: 3 }),
    ).toEqual({});
  });
});
