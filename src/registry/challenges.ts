/** What a registry asks for: one challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** By name in lower case, values as they stand. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The challenges of a header, in order. What is malformed ends the reading; what came before it counts. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const text = header.slice(0, MAX_LENGTH);
  let at = 0;
  const take = (shape: RegExp): string[] | undefined => {
    shape.lastIndex = at;
    const match = shape.exec(text);
    if (match) at = shape.lastIndex;
    return match ?? undefined;
  };
  for (;;) {
    take(separators);
    const parameter = challenges.length > 0 ? take(parameterShape) : undefined;
    if (parameter) {
      const [, name = '', quoted, bare] = parameter;
      const value = quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? '';
      Object.defineProperty(challenges.at(-1)?.parameters, name.toLowerCase(), {
        value,
        enumerable: true,
        writable: true,
      });
      continue;
    }
    const scheme = take(schemeShape)?.[1];
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    take(token68Shape);
  }
}

/** Headers are not longer than that either. */
const MAX_LENGTH = 16 * 1024;
const separators = /[\s,]*/y;
const parameterShape =
  /([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w/:-]+))(?=[\s,]|$)/sy;
const schemeShape = /([!#$%&'*+.^_`|~\w-]+)(?=[\s,]|$)/y;
/** `Negotiate YII=`: one value without a name. */
const token68Shape = /[ \t]+[\w.~+/-]+=*(?=[ \t]*(?:,|$))/y;
