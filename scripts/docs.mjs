/**
 * Writes the table of properties into docs/properties.md, from the one that the code uses. With `--check` it writes
 * nothing, and ends with 1 when the document is out of date. Runs under tsx, as that table is TypeScript.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { PROPERTIES, shapeWords } from '../src/core/properties.ts';

const [BEGIN, END] = ['<!-- properties: begin -->', '<!-- properties: end -->'];
const file = join(import.meta.dirname, '../docs/properties.md');
const document = readFileSync(file, 'utf8');
const fresh = await withTable(document);
if (!process.argv.includes('--check')) {
  writeFileSync(file, fresh);
} else if (document !== fresh) {
  console.error('docs/properties.md is out of date: run `npm run docs`.');
  process.exitCode = 1;
}

/** The document with the table between its markers made anew, formatted as `npm run check` wants it. */
async function withTable(text) {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) {
    throw new Error(`${file} must have ${BEGIN} and ${END}`);
  }
  const rows = Object.entries(PROPERTIES).map(
    ([name, { shapes, effect, why }]) => `| \`${name}\` | ${effect} | ${shapeWords(shapes)} | ${why} |`,
  );
  const table = ['| property | needs | holds | why |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const options = { ...(await resolveConfig(file)), parser: 'markdown' };
  return format(`${before}${BEGIN}\n\n${table}\n\n${END}${after}`, options);
}
