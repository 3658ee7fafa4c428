/** Value of a variable; undefined when nobody here can know it. */
export type Lookup = (name: string) => string | undefined;

/** Expressions within expressions; a person needs two. */
const maxDepth = 10;

/** A word of a Dockerfile as its builder takes it: without quotes, with values for variables; undefined when one is unknown. */
export function expanded(word: string, escape: string, lookup: Lookup, depth = 0): string | undefined {
  let out = '';
  let quote = '';
  for (let i = 0; i < word.length; i++) {
    const char = word.charAt(i);
    if (char === escape && quote !== "'") {
      i += 1;
      out += word.charAt(i);
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
    } else if (char === quote) {
      quote = '';
    } else if (char === '$' && quote !== "'") {
      const variable = variableAt(word, i);
      const value = variable && depth < maxDepth ? valueOf(variable, escape, lookup, depth) : undefined;
      if (!variable || value === undefined) return undefined;
      out += value;
      i = variable.end - 1;
    } else {
      out += char;
    }
  }
  return out;
}

interface Variable {
  readonly name: string;
  /** `:-`, `-`, `:+`, `+` or none. */
  readonly operator: string;
  readonly word: string;
  readonly end: number;
}

function variableAt(text: string, at: number): Variable | undefined {
  if (text.charAt(at + 1) !== '{') {
    const name = /^\w+/.exec(text.slice(at + 1, at + 200))?.[0];
    return name === undefined ? undefined : { name, operator: '', word: '', end: at + 1 + name.length };
  }
  const end = closingBrace(text, at + 1);
  const parts = /^(\w+)(?:(:?[-+])(.*))?$/s.exec(text.slice(at + 2, end));
  return parts && end > 0
    ? { name: parts[1] ?? '', operator: parts[2] ?? '', word: parts[3] ?? '', end: end + 1 }
    : undefined;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth += 1;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function valueOf(
  { name, operator, word }: Variable,
  escape: string,
  lookup: Lookup,
  depth: number,
): string | undefined {
  const value = lookup(name);
  const isSet = value !== undefined && (!operator.startsWith(':') || value !== '');
  if (operator.endsWith('-')) return isSet ? value : expanded(word, escape, lookup, depth + 1);
  if (operator.endsWith('+')) return isSet ? expanded(word, escape, lookup, depth + 1) : '';
  return value;
}
