import type { ComposeFile } from './composeGraph';

/** Where in the Compose files the fault is that Compose has found; lines and columns count from 1. */
export interface RefusedAt {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type ReadFile = Pick<ComposeFile, 'file' | 'parsed' | 'content'>;

/**
 * The place that Compose's words name: by a line, or by the path of a property, a service's name among them. The
 * beginning of the file that they name, else of the first file, where they name none that is there.
 */
export function refusedAt(words: string, files: readonly ReadFile[]): RefusedAt | undefined {
  const said = words.slice(0, 4096);
  const named = files.filter(({ file }) => said.includes(file));
  const line = /\bline (\d{1,7})\b/.exec(said)?.[1];
  const [one] = named;
  if (one && line !== undefined) return beginning(one, Number(line));
  const candidates = named.length > 0 ? named : files;
  for (const path of pathsIn(said)) {
    for (const candidate of [...candidates].reverse()) {
      const { parsed } = candidate;
      const at = parsed && 'lines' in parsed ? parsed.lines.key(path) : undefined;
      if (at !== undefined) return beginning(candidate, at);
    }
  }
  const [first] = candidates;
  return first && beginning(first, 1);
}

/** Where a line begins behind its indentation. */
function beginning({ file, content }: ReadFile, line: number): RefusedAt {
  const text = content.status === 'ok' ? (content.text ?? '') : '';
  const indentation = /^[ -]*/.exec(text.split('\n')[line - 1] ?? '')?.[0] ?? '';
  return { file, line, column: indentation.length + 1 };
}

/** The paths of properties that are meant, the longest first, then those above them. */
function pathsIn(said: string): string[][] {
  const dotted = /\b(?:services|networks|volumes|configs|secrets|include)(?:\.[\w-]{1,200}){0,10}/.exec(
    said,
  )?.[0];
  const service = /\bservice ["']([^"']{1,200})["']/i.exec(said)?.[1];
  const extending = /\bextends (\S{1,200}) in /.exec(said)?.[1];
  if (extending !== undefined)
    return [
      ['services', extending, 'extends'],
      ['services', extending],
    ];
  const ofService = service === undefined ? [] : ['services', service];
  // Advice about `services` follows these words, which are about a section.
  const path = /because: '[^']{1,200}' does not match any of/.test(said)
    ? []
    : (dotted?.split('.') ?? ofService);
  const quoted = [...said.matchAll(/["'`]([\w.-]{1,200})["'`]|\bproperty (\S{1,200})/g)].map(
    ([, inQuotes, bare]) => inQuotes ?? bare ?? '',
  );
  const above = path.map((_, at) => path.slice(0, path.length - at));
  return [...quoted.map((name) => [...path, name]), ...above];
}
