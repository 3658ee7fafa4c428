import { findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ParseError, ParseOptions } from 'jsonc-parser';
import type { ConfigProblem } from '../api';
import type { Place } from '../core/configProblems';

const maxDepth = 200;
const options: ParseOptions = { allowTrailingComma: true };

/** Parses JSON with comments; the value is made of own keys only, so `__proto__` is a key like any other. */
export function parseJsonc(text: string): { readonly value: unknown } | { readonly problem: ConfigProblem } {
  if (text.trim() === '') return { problem: { message: 'The file is empty.' } };
  const tooDeep = offsetBeyondDepth(text, maxDepth);
  if (tooDeep !== undefined) {
    return { problem: { message: `Nested deeper than ${maxDepth} levels`, ...positionOf(text, tooDeep) } };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, options);
  const first = errors[0];
  if (first !== undefined || !root) {
    const message = first ? inWords(printParseErrorCode(first.error)) : 'Cannot be parsed';
    return { problem: { message, ...positionOf(text, first?.offset ?? 0) } };
  }
  return { value: toValue(root) };
}

/**
 * Reads the text once; what is returned finds in it where the name of a property stands, or an item of a list: line and
 * column from 1, and its length on that line; undefined when it is not there or the text is too deep to look.
 */
export function placesIn(text: string): (propertyPath: readonly string[]) => Place | undefined {
  const root = offsetBeyondDepth(text, maxDepth) === undefined ? parseTree(text, [], options) : undefined;
  return (propertyPath) => {
    const node = root && nodeAt(root, propertyPath);
    if (!node) return undefined;
    const named = node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node;
    const [firstLine = ''] = text.slice(named.offset, named.offset + named.length).split('\n', 1);
    return { ...positionOf(text, named.offset), length: firstLine.trimEnd().length };
  };
}

function nodeAt(root: TreeNode, propertyPath: readonly string[]): TreeNode | undefined {
  let node = root;
  for (const key of propertyPath) {
    const isIndex = node.type === 'array' && /^\d{1,9}$/.test(key);
    const next = findNodeAtLocation(node, [isIndex ? Number(key) : key]);
    if (!next) return undefined;
    node = next;
  }
  return node;
}

type TreeNode = NonNullable<ReturnType<typeof parseTree>>;

function toValue(node: TreeNode | undefined): unknown {
  if (node?.type === 'array') return (node.children ?? []).map(toValue);
  if (node?.type !== 'object') return node?.value;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const key: unknown = property.children?.[0]?.value;
    if (typeof key !== 'string') continue;
    // An assignment to __proto__ would set the prototype instead of a key.
    Object.defineProperty(value, key, {
      value: toValue(property.children?.[1]),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return value;
}

/**
 * Offset of the first bracket beyond the depth, without recursion, so that no nesting can overflow the stack. Only the
 * bracket of its own kind closes one: for the parser too, others are mistakes.
 */
function offsetBeyondDepth(text: string, limit: number): number | undefined {
  const open: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '/' && text[at + 1] === '/') at = endOf(text, '\n', at);
    else if (char === '/' && text[at + 1] === '*') at = endOf(text, '*/', at + 2) + 1;
    else if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']');
    else if (char !== undefined && char === open.at(-1)) open.pop();
    if (open.length > limit) return at;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    // The parser ends an unclosed string at the line's end, and so must this count of brackets.
    else if (char === '"' || char === '\n') return at;
  }
  return text.length;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'Unknown word',
  InvalidNumberFormat: 'Not a number',
  PropertyNameExpected: 'A property name in double quotes is expected',
  ValueExpected: 'A value is expected',
  ColonExpected: 'A colon is expected',
  CommaExpected: 'A comma is expected',
  CloseBraceExpected: 'A closing brace } is expected',
  CloseBracketExpected: 'A closing bracket ] is expected',
  EndOfFileExpected: 'Something follows after the end of the configuration',
  InvalidCommentToken: 'A comment cannot stand here',
  UnexpectedEndOfComment: 'A comment is not closed',
  UnexpectedEndOfString: 'A string is not closed',
  UnexpectedEndOfNumber: 'A number is not complete',
  InvalidUnicode: 'An invalid Unicode escape in a string',
  InvalidEscapeCharacter: 'An invalid escape in a string',
  InvalidCharacter: 'A control character in a string',
};

function inWords(code: string): string {
  return words[code] ?? code;
}
