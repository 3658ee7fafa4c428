import { equal } from '../common/equal';
import { effectOf } from './effects';
import { composeMade, METADATA_LABEL } from './identity';
import { copiedProperties, type MadeFrom } from './madeFrom';
import type { CliRequest, ContainerFacts } from './ports';

type Properties = Readonly<Record<string, unknown>>;

const START_HOOKS: readonly string[] = ['postStartCommand', 'postAttachCommand'];

/**
 * The metadata with which the CLI runs today's start hooks in a container that is there; undefined where the container's
 * own does. The CLI takes hooks from the container's label alone (imageMetadata.ts, getImageMetadataFromContainer), and
 * nothing changes a label, nor an option of `up`, `run-user-commands` or `set-up` what is read from it: those add the
 * file's hooks to the old ones. So the CLI is shown another label. To leave the hooks out and run them by `exec` would
 * lose the secrets, leave an unfinished creation unfinished, and leave the CLI's note of the last start unwritten, so
 * that the next tool to attach ran the old ones.
 */
export function metadataOfToday(
  container: ContainerFacts,
  today: Properties,
  record: MadeFrom | undefined,
): CliRequest['metadata'] {
  const label = container.labels[METADATA_LABEL];
  // Without one of its own the CLI goes by the file.
  if (!label || composeMade(container)) return undefined;
  const entries = entriesOf(label);
  const last = entries.at(-1);
  const own = isOwn(last, record) ? last : undefined;
  const wanted = pick(today, isStartHook);
  if (equal(pick(own ?? {}, isStartHook), wanted)) return undefined;
  const others = own ? entries.slice(0, -1) : entries;
  const entry = { ...pick(own ?? {}, (key) => !isStartHook(key)), ...wanted };
  return { containerId: container.id, label: JSON.stringify([...others, entry]) };
}

/** As the CLI reads it: what is broken says nothing. */
function entriesOf(label: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(label);
    if (Array.isArray(parsed)) return parsed;
    return typeof parsed === 'object' && parsed !== null ? [parsed] : [];
  } catch {
    return [];
  }
}

/**
 * Whether the last entry is the configuration's own. A configuration with nothing to note has none; then a last one
 * without the id of a Feature came with the image, which a prebuild wrote, and its hooks go on.
 */
function isOwn(last: unknown, record: MadeFrom | undefined): last is Properties {
  if (typeof last !== 'object' || last === null || Object.hasOwn(last, 'id')) return false;
  if (!record) return true;
  const lasts = (value: Properties): boolean =>
    Object.keys(copiedProperties(value)).some((key) => effectOf([key]) !== 'restart');
  return lasts(record.value) || !lasts({ ...last });
}

function isStartHook(key: string): boolean {
  return START_HOOKS.includes(key);
}

function pick(value: Properties, isWanted: (key: string) => boolean): Properties {
  return Object.fromEntries(Object.entries(value).filter(([key]) => isWanted(key)));
}
