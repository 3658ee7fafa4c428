import type { BaseImage } from '../../core/imagePorts';
import type { InputReading } from '../../core/ports';
import { contextInputs } from './context';
import { dockerfileBases } from './dockerfileBases';
import { dockerfileSources } from './dockerfileSources';
import { dockerfileValues } from './dockerfileValues';
import { byDigest, type FileContent } from './hashedFiles';
import { fromFolder, joinParts, type InputGround, type InputPart } from './part';

/** An image that is built; paths are absolute. */
export interface BuildSource {
  readonly dockerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: string;
  /** The Compose service that it is for, where that is another than the dev container's. */
  readonly service?: string;
  /** What names it in the configuration. */
  readonly property: readonly string[];
}

/** As much of it as says which images it is made on. */
type BuiltFile = Pick<BuildSource, 'dockerfile' | 'args' | 'target' | 'service'> & {
  /** Its text stands within another, where nobody has counted its lines. */
  readonly isInline?: boolean;
};

const maxShown = 64 * 1024;
/** Parsing takes time, and nobody writes a longer one by hand. */
const maxText = 128 * 1024;

/** The Dockerfile, and what it takes from its context. Never rejects. */
export async function buildInputs(source: BuildSource, ground: InputGround): Promise<InputPart> {
  const { dockerfile, context, args, target, property } = source;
  const content = await ground.files.text(dockerfile);
  const reading = dockerfileReading(source, content, ground);
  const isReadable = content.status === 'ok' && (content.text ?? '').length <= maxText;
  const text = isReadable ? (content.text ?? '') : '';
  const bases = basesOf(text, source, ground);
  const own: InputPart = { readings: [reading], files: [dockerfile], folders: [], bases };
  const sources = dockerfileSources(text, args, target);
  if (sources.length === 0) return own;
  const { flaws, ...taken } = await contextInputs({ context, dockerfile, sources, property }, ground);
  const flawed = flaws.length > 0 ? { ...own, readings: [{ ...reading, flaws }] } : own;
  return joinParts([flawed, taken]);
}

/** The images on which a Dockerfile of this text is built. */
export function basesOf(text: string, source: BuiltFile, { workspaceFolder }: InputGround): BaseImage[] {
  const { dockerfile: file, args, target, service, isInline } = source;
  const input = fromFolder(file, workspaceFolder);
  return dockerfileBases(text, args, target).map(({ reference, line, stage, isBegunWith }) => ({
    ...{ reference, input, file, isBegunWith },
    ...(isInline ? {} : { line }),
    ...(stage === undefined ? {} : { stage }),
    ...(service === undefined ? {} : { service }),
  }));
}

function dockerfileReading(
  { dockerfile, property }: BuildSource,
  content: FileContent,
  ground: InputGround,
): InputReading {
  const input = fromFolder(dockerfile, ground.workspaceFolder);
  const base = { kind: 'dockerfile', input, file: dockerfile } as const;
  const because = (reason: string, isMissing = false): InputReading => ({
    ...base,
    values: {},
    problem: {
      message: `Dockerfile \`${input}\` ${reason}`,
      property,
      ...(isMissing ? { isMissing } : {}),
    },
  });
  if (content.status === 'missing') return because('does not exist.', true);
  if (content.status === 'refused') return because(`cannot be read: ${content.reason}`);
  const { text = '', modifiedAt } = content;
  if (text.length > maxText) return because(`is larger than ${maxText / 1024} KiB.${byDigest(content)}`);
  const { items, lines } = dockerfileValues(text);
  if (items.length === 0) return because('holds no instruction.');
  const shown = text.length <= maxShown ? { text } : {};
  return { ...base, values: { '': items }, lines: { '': lines }, ...shown, modifiedAt };
}
