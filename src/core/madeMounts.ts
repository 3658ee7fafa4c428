/** Whether a container has the mounts that its configuration asks for. */
import { isRecord } from '../common/record';
import type { MountFacts } from './containerDetails';

/** What the container's settings say of one wish: it has it, it does not, or that cannot be known. */
export type Verdict = 'same' | 'different' | 'unknown';

/** A mount as it is asked for. */
export interface WantedMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  /** More is asked for than can be read back. */
  readonly hasMore: boolean;
}

/** Text whose value depends on the machine or the folder. */
export function hasVariable(text: string): boolean {
  return text.includes('${');
}

/** A mount in the form of `docker run --mount`; undefined where that cannot be read. */
export function readMount(text: string): WantedMount | undefined {
  // Quotes protect commas; nobody but the engine's own client reads them the same way.
  if (text.includes('"')) return undefined;
  const fields = new Map<string, string>();
  for (const field of text.split(',')) {
    const at = field.indexOf('=');
    const key = (at < 0 ? field : field.slice(0, at)).trim().toLowerCase();
    if (hasVariable(key)) return undefined;
    fields.set(NAMES[key] ?? key, at < 0 ? '' : field.slice(at + 1));
  }
  const target = fields.get('target');
  if (target === undefined) return undefined;
  const source = fields.get('source');
  const readOnly = fields.get('readonly') ?? 'false';
  // Engines take other words for yes and no as well, and not the same.
  const hasMore =
    !['', 'true', 'false'].includes(readOnly) || [...fields.keys()].some((key) => !READABLE.has(key));
  return {
    type: fields.get('type') ?? 'volume',
    target,
    isReadOnly: readOnly !== 'false',
    hasMore,
    ...(source ? { source } : {}),
  };
}

/** A mount in the form of `docker run --volume`; undefined where that cannot be read. */
export function readVolume(text: string): WantedMount | undefined {
  // Colons also stand in variables and after drive letters.
  if (hasVariable(text) || text.includes('\\') || /^[a-zA-Z]:\//.test(text)) return undefined;
  const parts = text.split(':');
  const [first = '', second, mode] = parts;
  if (parts.length > 3 || first === '' || second === '') return undefined;
  if (second === undefined) return { type: 'volume', target: first, isReadOnly: false, hasMore: false };
  const type = /^[./~]/.test(first) ? 'bind' : 'volume';
  const words = mode?.split(',') ?? [];
  const hasMore = words.some((word) => !['ro', 'rw', ...CONSISTENCIES].includes(word));
  return { type, source: first, target: second, isReadOnly: words.includes('ro'), hasMore };
}

/** An item of `mounts`; undefined where that cannot be read. */
export function wantedMount(value: unknown): WantedMount | undefined {
  if (typeof value === 'string') return readMount(value);
  if (!isRecord(value)) return undefined;
  const { type, source, target } = value;
  if (typeof type !== 'string' || typeof target !== 'string') return undefined;
  return {
    type,
    target,
    isReadOnly: false,
    hasMore: false,
    ...(typeof source === 'string' && source ? { source } : {}),
  };
}

/**
 * Whether something asks for each mount that the container has: one of the wishes, the image or the tool.
 * @param wanted An undefined one could not be read, and may ask for any.
 * @param usual The workspace folder, where nothing is said of how it is mounted.
 */
export function areMountsWanted(
  made: readonly MountFacts[] = [],
  wanted: readonly (WantedMount | undefined)[],
  usual: string,
): boolean {
  const isWanted = ({ target, hasMore = false }: MountFacts): boolean =>
    wanted.some(
      (wish) => !wish || (patternOf(wish.target).test(cleaned(target)) && (wish.hasMore || !hasMore)),
    );
  return made.every((mount) => isWanted(mount) || comesByItself(mount) || isUsualWorkspace(mount, usual));
}

function comesByItself({ type, source, target }: MountFacts): boolean {
  // Volumes that an image asks for have no name but what the engine makes up; VS Code brings some of its own.
  if (type === 'volume') return /^([0-9a-f]{64})?$/.test(source) || source === 'vscode';
  return target.startsWith('/tmp/vscode-');
}

/** Whether the CLI mounts the workspace like this, or the repository that it is in. */
function isUsualWorkspace({ type, source, target }: MountFacts, workspaceFolder: string): boolean {
  const partsOf = (path: string): string[] => path.toLowerCase().split(/[\\/]/); // prettier-ignore
  // By its name: engines on a desktop have the machine's files under paths of their own.
  const name = partsOf(cleaned(source)).at(-1) ?? '';
  const isOfCli = type === 'bind' && name !== '' && target.toLowerCase() === `/workspaces/${name}`;
  return isOfCli && partsOf(workspaceFolder).includes(name);
}

/** Whether the container has this mount. */
export function mountVerdict(
  wanted: WantedMount | undefined,
  made: readonly MountFacts[] | undefined,
): Verdict {
  if (!wanted || !made || !wanted.target.startsWith('/') || hasVariable(wanted.target)) return 'unknown';
  if (!['bind', 'volume', 'tmpfs'].includes(wanted.type)) return 'unknown';
  const found = made.find(({ target }) => cleaned(target) === cleaned(wanted.target));
  if (found?.type !== wanted.type) return 'different';
  const verdict = sourceVerdict(wanted, found.source);
  if (verdict !== 'same') return verdict;
  // Podman does not tell it of memory for files; what cannot be read may be about it as well.
  const isReadOnly = found.isReadOnly ?? (wanted.type === 'tmpfs' ? false : undefined);
  if (isReadOnly === undefined || wanted.hasMore) return 'unknown';
  return isReadOnly === wanted.isReadOnly ? 'same' : 'different';
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ src: 'source', dst: 'target', destination: 'target', ro: 'readonly' },
};
/** What of a `--mount` can be read back, or leaves no trace on Linux. */
const READABLE = new Set(['type', 'source', 'target', 'readonly', 'consistency']);
const CONSISTENCIES = ['cached', 'delegated', 'consistent'];

/** Where desktop engines show the machine's files under paths of their own. */
const TRANSLATED = /^\/(run\/desktop|host_mnt|mnt\/wsl)\//;

function sourceVerdict({ type, source }: WantedMount, made: string): Verdict {
  if (type === 'tmpfs') return 'same';
  // A volume without a name gets one from the engine.
  if (source === undefined) return type === 'volume' ? 'same' : 'unknown';
  if (hasVariable(source)) return 'unknown';
  if (type === 'volume') return source === made ? 'same' : 'different';
  if (!source.startsWith('/') || /\/\.\.?(\/|$)/.test(source)) return 'unknown';
  const [from, to] = [cleaned(made), cleaned(source)];
  // `/private/tmp` is what a Mac makes of `/tmp`.
  if (from === to || from === `/private${to}` || `/private${from}` === to) return 'same';
  return TRANSLATED.test(made) ? 'unknown' : 'different';
}

/** Engines differ in slashes at the end, and some look behind the link that `/var/run` mostly is. */
function cleaned(path: string): string {
  const single = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  return single.replace(/^\/var\/run(?=\/|$)/, '/run');
}

/** Variables stand for any text. */
function patternOf(target: string): RegExp {
  const parts = cleaned(target).split(/\$\{[^}]*\}/);
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}
