import { messageOf } from '../../common/errors';
import { own } from '../../common/record';
import { relativeTo } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { writtenOut } from './composeForms';
import { flatten } from './composeValues';
import type { ComposeFile } from './composeGraph';
import { pick } from './composeServices';
import type { InputGround } from './part';
import type { ComposeSource } from './composeSource';
import { unreadable } from './problems';
import type { Properties } from './values';

const maxText = 64 * 1024;

/** A Compose file as it stands: the services of it that count, and the rest of it. */
export function composeFileReading(
  compose: ComposeFile,
  source: ComposeSource,
  ground: InputGround,
): InputReading {
  const { file, content, parsed, namedAt } = compose;
  const property = propertyNaming(file, source, ground);
  if (content.status !== 'ok')
    return unreadable(
      { kind: 'composeFile', noun: 'Compose file', file, property, namedAt },
      content,
      ground,
    );
  const input = relativeTo(file, ground.workspaceFolder);
  const { text = '', modifiedAt } = content;
  const base = { kind: 'composeFile', input, file, modifiedAt } as const;
  const fail = (problem: { message: string; line?: number }): InputReading => ({
    ...base,
    values: {},
    problem: {
      ...problem,
      message: `Compose file \`${input}\` cannot be read. ${problem.message}`,
      property,
    },
  });
  if (!parsed || 'problem' in parsed) return fail(parsed?.problem ?? { message: 'It is empty.' });
  try {
    const flat = flatten(counting(parsed.model, compose), parsed.lines);
    return { ...base, ...flat, ...(Buffer.byteLength(text) > maxText ? {} : { text }) };
  } catch (error) {
    return fail({ message: messageOf(error) });
  }
}

/** The property, or the item of it, that names a file. */
function propertyNaming(file: string, { files }: ComposeSource, { config }: InputGround): string[] {
  const at = Array.isArray(config['dockerComposeFile']) ? files.indexOf(file) : -1;
  return ['dockerComposeFile', ...(at < 0 ? [] : [String(at)])];
}

function counting(model: Properties, { services, isExtended }: ComposeFile): Properties {
  const kept = pick(own(model, 'services'), (name) => services.has(name));
  const withoutExtensions = Object.fromEntries(
    Object.entries(kept).map(([name, service]) => [
      name,
      writtenOut(pick(service, (key) => !key.startsWith('x-'))),
    ]),
  );
  if (isExtended) return { services: withoutExtensions };
  // The version of the format says nothing about a container, and `x-` is for people and anchors.
  const rest = pick(model, (key) => !key.startsWith('x-') && !['services', 'version'].includes(key));
  return { ...rest, ...(Object.keys(kept).length > 0 ? { services: withoutExtensions } : {}) };
}
