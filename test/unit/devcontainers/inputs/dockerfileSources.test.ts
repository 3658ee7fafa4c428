import { expect, test } from 'vitest';
import { dockerfileSources } from '../../../../src/devcontainers/inputs/dockerfileSources';

const sources = (lines: string, args: Record<string, string> = {}, target?: string): string[] =>
  dockerfileSources(lines, args, target).map(({ path }) => path);

test.each([
  ['files and folders', 'COPY a ./b/ /c ../d /x/', ['a', 'b', 'c', 'd']],
  ['all of it', 'COPY . .', ['']],
  ['flags', 'COPY --chown=a:b --chmod=755 --link a b', ['a']],
  ['JSON', 'COPY ["a b", "c", "/x"]', ['a b', 'c']],
  ['quotes', 'COPY "a" \'b\' /x', ['a', 'b']],
  ['wildcards', 'ADD *.txt src/*/x?.c /x/', ['*.txt', 'src/*/x?.c']],
  ['another stage or image', 'COPY --from=other a b', []],
  ['here-documents', 'COPY <<E a /x\nCOPY b c\nE', ['a']],
  ['URLs and Git', 'ADD https://x/y git@github.com:a/b.git git://x ssh://y local /x/', ['local']],
  ['a mount', 'RUN --mount=type=bind,source=a/b,target=/c --mount=src=d,dst=/d make', ['a/b', 'd']],
  ['a mount of all of it', 'RUN --mount=target=/src make', ['']],
  ['other mounts', 'RUN --mount=type=cache,target=/c --mount=type=bind,from=x,source=y,target=/z make', []],
  ['a mount in quotes', 'RUN --mount="type=bind,source=a b,target=/c" make', ['a b']],
  ['a comment', '# COPY a b', []],
  ['none', 'RUN cp a b', []],
])('sources: %s', (_, line, expected) => {
  expect(sources(`FROM x\n${line}\n`)).toEqual(expected);
});

test.each([
  ['a default', 'ARG V=1\nCOPY a$V b', {}, ['a1']],
  ['a build argument', 'ARG V=1\nCOPY a${V} b', { V: '2' }, ['a2']],
  ['none', 'ARG V\nCOPY a$V b', {}, ['']],
  ['not declared', 'COPY a$V b', { V: '2' }, ['']],
  [
    'an environment variable comes first',
    'ARG V=1\nENV V=3 W="x y"\nCOPY a$V $W b',
    { V: '2' },
    ['a3', 'x y'],
  ],
  ['the old ENV', 'ENV V x\nCOPY $V b', {}, ['x']],
  ['otherwise', 'ARG V\nCOPY ${V:-q} ${W:+r}s ${W-$V} /x/', {}, ['q', 's', '']],
  ['an escaped one', 'COPY \\$V b', {}, ['$V']],
  ['one in single quotes', "COPY '$V' b", {}, ['$V']],
  ['in a mount', 'ARG V=m\nRUN --mount=source=$V,target=/x a', {}, ['m']],
  ['what nobody knows', 'ARG V=1\nCOPY ${V#x} b', {}, ['']],
  ['a name of every object', 'ARG constructor\nCOPY $constructor $toString b', {}, ['']],
])('variables in sources: %s', (_, lines, args, expected) => {
  expect(sources(`FROM x\n${lines}\n`, args)).toEqual(expected);
});

test('a global argument is known where a stage takes it', () => {
  expect(sources('ARG V=g\nFROM x\nARG V\nCOPY $V b')).toEqual(['g']);
  expect(sources('ARG V=g\nFROM x\nCOPY $V b')).toEqual(['']);
  expect(sources('FROM x AS a\nARG V=1\nENV W=2\nFROM a\nCOPY $V$W b')).toEqual(['12']);
});

const staged = `ARG B=base
FROM x AS base
COPY base /
ONBUILD COPY trigger /
FROM x AS unused
COPY unused /
FROM x AS made
COPY made /
FROM x AS mount
COPY mounted /
FROM \${B} AS dev
COPY --from=made /a /b
RUN --mount=type=bind,from=mount,source=/a,target=/b x
COPY dev /
FROM dev AS prod
COPY prod /
`;

test.each([
  ['dev', {}, ['base', 'made', 'mounted', 'trigger', 'dev']],
  ['DEV', {}, ['base', 'made', 'mounted', 'trigger', 'dev']],
  [undefined, {}, ['base', 'made', 'mounted', 'trigger', 'dev', 'prod']],
  ['2', {}, ['made']],
  ['dev', { B: 'alpine' }, ['made', 'mounted', 'dev']],
])('only the stages that the target %s needs count', (target, args, expected) => {
  expect(sources(staged, args as Record<string, string>, target)).toEqual(expected);
});

test.each(['COPY --from="a" x /', "COPY --from='a' x /", 'RUN --mount=type=bind,"from=a",target=/x y'])(
  'a stage named in quotes is followed: %s',
  (line) => {
    expect(sources(`FROM x AS a\nCOPY b /\nFROM x\n${line}`)).toEqual(['b']);
  },
);

test('a base that nobody knows may be any stage', () => {
  expect(sources('FROM x AS a\nCOPY a /\nFROM $WHO\nCOPY b /')).toEqual(['a', 'b']);
});
