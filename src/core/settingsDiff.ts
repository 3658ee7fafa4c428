import { isRecord } from '../common/record';
import { shown, type PropertyChange } from './configDiff';
import { effectOf } from './effects';
import { composeMade } from './identity';
import { couldBeSameImage, isBuiltByCli, isImageId } from './imageNames';
import { hasVariable, mountVerdict, readMount, wantedMount, type Verdict } from './madeMounts';
import {
  capabilityVerdict,
  envVerdict,
  flagVerdict,
  notedEntries,
  optionVerdict,
  portVerdict,
  securityVerdict,
  type Made,
} from './madeOptions';
import type { ContainerDetails } from './containerDetails';
import type { ContainerFacts } from './ports';
import { readRunArgs } from './runOptions';

type Config = Readonly<Record<string, unknown>>;

/**
 * What a configuration asks for and its container has not, as far as the container's own settings tell for sure: for
 * containers of which nothing else is known. What a configuration does not ask for any more, settings cannot tell for
 * sure: images, Features and engines add to them as well.
 */
export function settingsDiff(
  config: Config,
  container: ContainerFacts,
  details: ContainerDetails,
  input: string,
): PropertyChange[] {
  return findingsOf(config, { container, details })
    .filter(({ verdict }) => verdict === 'different')
    .map((finding) => changeOf(input, finding))
    .sort((a, b) => (a.path.join('.') < b.path.join('.') ? -1 : 1));
}

/** The configuration's properties of which the settings confirm everything that they ask for. */
export function knownFromSettings(
  config: Config,
  container: ContainerFacts,
  details: ContainerDetails,
): Set<string> {
  const findings = findingsOf(config, { container, details });
  const isUnsure = (property: string): boolean =>
    findings.some(({ path, verdict }) => path[0] === property && verdict !== 'same');
  return new Set(comparedIn(config, container).filter((property) => !isUnsure(property)));
}

/** A configuration that only names an image tells by the image that its container was made from. */
export function imageDiff(
  input: string,
  config: Config,
  container: ContainerFacts,
  imageReference = container.image,
): PropertyChange[] {
  const details = { imageReference };
  return imageFindings(config['image'], { container, details }, config)
    .filter(({ verdict }) => verdict === 'different')
    .map((finding) => changeOf(input, finding));
}

/** What the settings say of one property. */
interface Finding {
  readonly path: readonly string[];
  readonly verdict: Verdict;
  readonly from?: unknown;
  readonly to?: unknown;
}

type Comparison = (value: unknown, made: Made, config: Config) => Finding[];

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  image: imageFindings,
  containerEnv: envFindings,
  mounts: (value, { details }) =>
    ofItems('mounts', value, (mount) => mountVerdict(wantedMount(mount), details.mounts)),
  workspaceMount: (value, { details }) =>
    ofText('workspaceMount', value, (mount) => mountVerdict(readMount(mount), details.mounts)),
  runArgs: runArgsFindings,
  appPort: (value, made) =>
    ofItems('appPort', Array.isArray(value) ? value : [value], (port) =>
      typeof port === 'number' || typeof port === 'string' ? portVerdict(port, made) : 'unknown',
    ),
  init: (value, { details }) => [{ path: ['init'], verdict: flagVerdict(value, details.init), to: value }],
  privileged: (value, { details }) => [
    { path: ['privileged'], verdict: flagVerdict(value, details.privileged), to: value },
  ],
  capAdd: (value, made) =>
    ofItems('capAdd', value, (item) =>
      typeof item === 'string' ? capabilityVerdict(item, made) : 'unknown',
    ),
  securityOpt: (value, made) =>
    ofItems('securityOpt', value, (item) =>
      typeof item === 'string' ? securityVerdict(item, made) : 'unknown',
    ),
  containerUser: userFindings,
  features: featureFindings,
};

/** Compose takes the rest from its own files. */
const WITH_COMPOSE = new Set(['features']);
/** What the CLI adds to Compose's files, and what a container that plain Compose made may lack. */
const ADDED_TO_COMPOSE = new Set([
  ...['containerEnv', 'mounts', 'init', 'privileged', 'capAdd', 'securityOpt', 'containerUser', 'features'],
]);

function findingsOf(config: Config, made: Made): Finding[] {
  return comparedIn(config, made.container).flatMap(
    (property) => COMPARISONS[property]?.(config[property], made, config) ?? [],
  );
}

function comparedIn(config: Config, container: ContainerFacts): string[] {
  const isCompose = config['dockerComposeFile'] !== undefined;
  const compared = composeMade(container) ? ADDED_TO_COMPOSE : WITH_COMPOSE;
  return Object.keys(config).filter(
    (property) => Object.hasOwn(COMPARISONS, property) && (!isCompose || compared.has(property)),
  );
}

function imageFindings(image: unknown, { container, details }: Made, config: Config): Finding[] {
  if (image === undefined) return [];
  const from = details.imageReference;
  const verdict = (): Verdict => {
    if (typeof image !== 'string' || image === '' || hasVariable(image)) return 'unknown';
    if (['build', 'dockerFile', 'dockerComposeFile'].some((other) => config[other] !== undefined))
      return 'unknown';
    if (isImageId(image))
      return container.imageId === `sha256:${image.replace('sha256:', '')}` ? 'same' : 'unknown';
    if (isBuiltByCli(from) || isImageId(from) || /^[0-9a-f]{12}$/.test(from)) return 'unknown';
    if (couldBeSameImage(image, from)) return image.includes('@') ? 'unknown' : 'same';
    // With Features, a tool builds an image and gives it a name of its own.
    return hasEntries(config['features']) ? 'unknown' : 'different';
  };
  return [{ path: ['image'], verdict: verdict(), from, to: image }];
}

/** Never what the container has instead: that may be a secret of the machine's environment. */
function envFindings(value: unknown, made: Made, config: Config): Finding[] {
  if (!isRecord(value)) return [{ path: ['containerEnv'], verdict: 'unknown' }];
  const overriding = new Set(
    optionsOf(config).options.filter(({ name }) => name === 'env').map((option) => option.value.split('=')[0]),
  ); // prettier-ignore
  return Object.entries(value).map(([name, to]) => {
    const isReadable =
      typeof to === 'string' && !hasVariable(name + to) && !name.includes('=') && !overriding.has(name);
    return {
      path: ['containerEnv', name],
      verdict: isReadable ? envVerdict(`${name}=${to}`, made) : 'unknown',
      to,
    };
  });
}

function runArgsFindings(value: unknown, made: Made): Finding[] {
  if (!isTexts(value)) return [{ path: ['runArgs'], verdict: 'unknown' }];
  const { options, isWhole } = readRunArgs(value);
  const judged = options.map((option) => ({ option, verdict: optionVerdict(option, made) }));
  const missing = judged.filter(({ verdict }) => verdict === 'different').map(({ option }) => option.text);
  const isSure = isWhole && judged.every(({ verdict }) => verdict === 'same');
  return [{ path: ['runArgs'], verdict: verdictOf(missing.length > 0, isSure), to: missing }];
}

function userFindings(value: unknown, { details: { user } }: Made, config: Config): Finding[] {
  const isOverridden = optionsOf(config).options.some(({ name }) => name === 'user');
  return ofText('containerUser', value, (wanted) => {
    if (isOverridden || user === undefined || wanted === '' || hasVariable(wanted)) return 'unknown';
    return user === wanted ? 'same' : 'different';
  });
}

/** A Feature leaves its id in the metadata label, as the configuration had it. */
function featureFindings(value: unknown, { container }: Made): Finding[] {
  const noted = notedFeatures(container);
  if (!isRecord(value)) return [{ path: ['features'], verdict: 'unknown' }];
  return Object.entries(value).map(([id, to]) => {
    // Other kinds of ids are rewritten on the way, and `false` leaves the Feature out.
    const isPlain = /^\.{1,2}\/|^[\w.-]+(:\d+)?(\/[\w.-]+){2,}([:@][\w.:-]+)?$/.test(id) && to !== false;
    const isThere = noted?.has(withoutVersion(id));
    // Its options and its version leave no trace.
    return { path: ['features', id], verdict: isPlain && isThere === false ? 'different' : 'unknown', to };
  });
}

function notedFeatures(container: ContainerFacts): Set<string> | undefined {
  const noted = notedEntries(container) ?? (composeMade(container) ? [] : undefined);
  const ids = noted?.map((entry) => entry['id']);
  return ids && new Set(ids.filter((id) => typeof id === 'string').map(withoutVersion));
}

function withoutVersion(id: string): string {
  return id.startsWith('.') ? id : id.replace(/@.*$/, '').replace(/:[^/]*$/, '').toLowerCase(); // prettier-ignore
}

function optionsOf(config: Config): ReturnType<typeof readRunArgs> {
  const args = config['runArgs'];
  return readRunArgs(isTexts(args) ? args : []);
}

function ofText(property: string, value: unknown, judge: (text: string) => Verdict): Finding[] {
  return [{ path: [property], verdict: typeof value === 'string' ? judge(value) : 'unknown', to: value }];
}

/** One finding for a list, which names the items that the container lacks. */
function ofItems(property: string, value: unknown, judge: (item: unknown) => Verdict): Finding[] {
  if (!Array.isArray(value)) return [{ path: [property], verdict: 'unknown' }];
  const judged = value.map((item: unknown) => ({ item, verdict: judge(item) }));
  const missing = judged.filter(({ verdict }) => verdict === 'different').map(({ item }) => item);
  const isSure = judged.every(({ verdict }) => verdict === 'same');
  return [{ path: [property], verdict: verdictOf(missing.length > 0, isSure), to: missing }];
}

function verdictOf(isDifferent: boolean, isSure: boolean): Verdict {
  if (isDifferent) return 'different';
  return isSure ? 'same' : 'unknown';
}

function changeOf(input: string, finding: Finding): PropertyChange {
  const [from, to] = [shown(finding.from), shown(finding.to)];
  return {
    input,
    property: finding.path.join('.'),
    path: finding.path,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    effect: effectOf(finding.path),
  };
}

function hasEntries(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
