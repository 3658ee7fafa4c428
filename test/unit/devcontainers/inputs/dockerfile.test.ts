import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dockerfileSources } from '../../../../src/devcontainers/inputs/dockerfileSources';
import { dockerfileValues } from '../../../../src/devcontainers/inputs/dockerfileValues';

const items = (text: string): readonly string[] => dockerfileValues(text).items;

test.each([
  ['comments and empty lines', '# hello\n\nFROM a\n  # x\nRUN b', ['FROM a', 'RUN b']],
  ['continuations', 'run a \\\n  b \\  \n# c\n\n  && d\n', ['RUN a b && d']],
  ['a continuation joins without a space', 'RUN a\\\nb', ['RUN ab']],
  ['an escaped escape joins nothing', 'RUN a \\\\\nRUN b', ['RUN a \\\\', 'RUN b']],
  ['another escape', '# escape=`\nFROM a\nRUN c:\\ `\n d', ['# escape=`', 'FROM a', 'RUN c:\\ d']],
  ['the syntax', '#  SYNTAX = docker/dockerfile:1 \nFROM a', ['# syntax=docker/dockerfile:1', 'FROM a']],
  [
    'directives of a file with CRLF',
    '# syntax=x\r\n# escape=`\r\nRUN a `\r\n b\r\n',
    ['# syntax=x', '# escape=`', 'RUN a b'],
  ],
  ['a directive too late is a comment', 'FROM a\n# syntax=x\n', ['FROM a']],
  ['spaces in quotes count', 'RUN echo  "a  b" \'c  d\'  e\\  f', [`RUN echo "a  b" 'c  d' e\\  f`]],
  [
    'JSON',
    'CMD [ "a b",\\\n "c" ]\nRUN --network=none ["x"]',
    ['CMD ["a b", "c"]', 'RUN --network=none ["x"]'],
  ],
  ['no JSON', "CMD ['a',  'b']", ["CMD ['a', 'b']"]],
  ['a stage', 'from  a  as  b', ['FROM a AS b']],
  [
    'nested',
    'onbuild  copy  a  b\nHEALTHCHECK  --interval=1s  cmd  [ "x" ]',
    ['ONBUILD COPY a b', 'HEALTHCHECK --interval=1s CMD ["x"]'],
  ],
  ['the old ENV', 'ENV A  b  c\nENV A=b   C=d', ['ENV A b  c', 'ENV A=b C=d']],
  [
    'here-documents',
    'RUN  <<EOF  cat\n# no  comment\nFROM x \\\nEOF\nrun b',
    ['RUN <<EOF cat\n# no  comment\nFROM x \\\nEOF', 'RUN b'],
  ],
  [
    'two of them',
    'COPY <<"A" <<-B /x\n1\nB\nA\n2\n\tB\nUSER y',
    ['COPY <<"A" <<-B /x\n1\nB\nA\n2\n\tB', 'USER y'],
  ],
  [
    'after a continuation',
    'RUN cat 3<<E \\\n && b\nRUN q\nE\nUSER c',
    ['RUN cat 3<<E && b\nRUN q\nE', 'USER c'],
  ],
  [
    'one in quotes is none',
    'RUN echo "a <<EOF b" $((1 << 2))\nRUN c',
    ['RUN echo "a <<EOF b" $((1 << 2))', 'RUN c'],
  ],
  ['one without an end', 'RUN <<E\na', ['RUN <<E\na']],
  ['other line ends and a mark', '\uFEFFFROM a\r\nRUN b \\\r\n c\r\n', ['FROM a', 'RUN b c']],
  ['a mark before a directive', '\uFEFF# escape=`\nRUN a `\n b\n', ['# escape=`', 'RUN a b']],
  ['one with other line ends', 'RUN <<E\r\na\r\nE\r\nRUN b\r\n', ['RUN <<E\na\r\nE\r', 'RUN b']],
  ['nothing', '\n# x\n', []],
])('values of a Dockerfile: %s', (_, text, expected) => {
  expect(items(text)).toEqual(expected);
});

test('each instruction has its line', () => {
  const { lines } = dockerfileValues('# syntax=a\n\n# x\nFROM a\nRUN <<E\n\nE\n\nRUN b \\\n c\nRUN d');
  expect(lines).toEqual([1, 4, 5, 9, 11]);
});

const instruction = fc
  .tuple(
    fc.constantFrom('RUN', 'COPY', 'LABEL', 'CMD', 'USER'),
    fc.array(fc.constantFrom('a', 'b=c', '"x  y"', "'#  z'", '--f=1', '&&', '$X', 'w\\ w'), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([keyword, words]) => [keyword, ...words]);
const gap = fc.constantFrom(' ', '   ', '\t', ' \\\n', ' \\ \t\n  ', ' \\\n# comment\n ', ' \\\r\n\n  ');
const between = fc.constantFrom('\n', '\r\n', '\n\n', '\n# comment \\\n', ' \t\n   ');

test('formatting and comments change nothing, words do', () => {
  fc.assert(
    fc.property(
      fc.array(instruction, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(gap),
      fc.infiniteStream(between),
      fc.boolean(),
      fc.nat(),
      (all, gaps, ends, lower, which) => {
        const plain = all.map((words) => words.join(' ')).join('\n');
        const shaped = all
          .map(([keyword = '', ...words]) =>
            words.reduce(
              (text, word) => text + String(gaps.next().value) + word,
              lower ? keyword.toLowerCase() : keyword,
            ),
          )
          .map((text) => text + String(ends.next().value))
          .join('');
        expect(items(shaped)).toEqual(items(plain));
        const changed = all.map((words, i) => (i === which % all.length ? [...words, 'new'] : words));
        const now = items(changed.map((words) => words.join(' ')).join('\n'));
        const differing = now.filter((item, i) => item !== items(plain)[i]);
        expect(differing).toHaveLength(1);
      },
    ),
    { numRuns: 500 },
  );
});

test('whatever a Dockerfile holds, it is read in little time', () => {
  const pieces = [
    'RUN a\n',
    'RUN <<E ',
    '\\\n',
    '"',
    "'",
    '[',
    '${',
    '<<',
    'FROM a\n',
    'ENV A=',
    'COPY . .\n',
    'ONBUILD ',
    '--mount=',
    '#',
  ];
  for (const piece of pieces) {
    const text = `FROM x\nCOPY ${piece.repeat(200_000 / piece.length)}`;
    const began = performance.now();
    items(text);
    dockerfileSources(text, {}, undefined);
    expect(performance.now() - began).toBeLessThan(2_000);
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces, ' ', '\n', 'x', '$A', '}', 'ARG A\n')), (parts) => {
      const text = parts.join('');
      items(text);
      dockerfileSources(text, {}, 'x');
    }),
  );
});
