/** Says whether a path with `/` is meant. */
export type Glob = (path: string) => boolean;

/** One element of a pattern; `deep` stands for folders, none or many, `any` for any text. */
type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'class'; readonly test: (char: string) => boolean }
  | { readonly kind: 'star' | 'deep' | 'any' };

/**
 * A pattern of Go's `filepath.Match`, which COPY and .dockerignore use: `*`, `?`, `[a-z]`, `\` before a character
 * that means itself; with `deep`, also `**` for folders. Undefined for one that Go refuses. However many stars there
 * are, a path is settled in few steps: patterns come from strangers.
 */
export function globOf(pattern: string, deep: boolean): Glob | undefined {
  if (!/[*?[\\]/.test(pattern)) return (path) => path === pattern;
  const tokens = tokensOf(pattern, deep);
  return tokens && ((path) => matches(tokens, path));
}

function tokensOf(pattern: string, deep: boolean): Token[] | undefined {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (
      char === '*' &&
      deep &&
      pattern[i + 1] === '*' &&
      (i === 0 || pattern[i - 1] === '/' || i + 2 === pattern.length)
    ) {
      i += 1;
      if (pattern[i + 1] === '/') i += 1;
      // At the very beginning `**x` is the end of a path, as Docker has it.
      const isAny = i + 1 === pattern.length || (i === 1 && pattern[i] === '*');
      tokens.push({ kind: isAny ? 'any' : 'deep' });
    } else if (char === '*') {
      tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'class', test: (other) => other !== '/' });
    } else if (char === '[') {
      const end = classEnd(pattern, i);
      if (end < 0) return undefined;
      tokens.push({ kind: 'class', test: classOf(pattern.slice(i + 1, end)) });
      i = end;
    } else {
      if (char === '\\') i += 1;
      if (i === pattern.length) return undefined;
      tokens.push({ kind: 'char', char: pattern.charAt(i) });
    }
  }
  return tokens;
}

function classEnd(pattern: string, open: number): number {
  for (let i = open + (pattern[open + 1] === '^' ? 2 : 1); i < pattern.length; i++) {
    if (pattern[i] === '\\') i += 1;
    else if (pattern[i] === ']') return i > open + 1 ? i : -1;
  }
  return -1;
}

function classOf(inside: string): (char: string) => boolean {
  const isNot = inside.startsWith('^');
  const ranges: [string, string][] = [];
  for (let i = isNot ? 1 : 0; i < inside.length; i++) {
    if (inside[i] === '\\') i += 1;
    const from = inside.charAt(i);
    let to = from;
    if (inside[i + 1] === '-' && i + 2 < inside.length) {
      i += inside[i + 2] === '\\' ? 3 : 2;
      to = inside.charAt(i);
    }
    ranges.push([from, to]);
  }
  return (char) => char !== '/' && ranges.some(([from, to]) => from <= char && char <= to) !== isNot;
}

/** Goes back to the last star only, or else to the last `deep`: what stands before these is settled by then. */
function matches(tokens: readonly Token[], path: string): boolean {
  let i = 0;
  let t = 0;
  let star = { t: -1, i: 0 };
  let deep = { t: -1, i: 0 };
  for (;;) {
    const token = tokens[t];
    if (!token) {
      if (i === path.length) return true;
    } else if (token.kind === 'star') {
      star = { t: t++, i };
      continue;
    } else if (token.kind === 'deep' || token.kind === 'any') {
      if (t + 1 === tokens.length && token.kind === 'any') return true;
      deep = { t: t++, i };
      star = { t: -1, i: 0 };
      continue;
    } else if (i < path.length && isChar(token, path.charAt(i))) {
      i += 1;
      t += 1;
      continue;
    }
    if (star.t >= 0 && star.i < path.length && path[star.i] !== '/') {
      star.i += 1;
      ({ i } = star);
      t = star.t + 1;
    } else {
      const next =
        deep.t < 0 ? -1 : tokens[deep.t]?.kind === 'any' ? deep.i + 1 : path.indexOf('/', deep.i) + 1;
      if (next <= deep.i || next > path.length) return false;
      deep.i = next;
      i = next;
      t = deep.t + 1;
      star = { t: -1, i: 0 };
    }
  }
}

function isChar(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  return token.kind === 'class' && token.test(char);
}
