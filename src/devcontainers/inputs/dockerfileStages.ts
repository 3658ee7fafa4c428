import { dockerfileParts, wordsOf, type Instruction } from '../dockerfileLines';
import { bare, flagsOf } from './dockerfileValues';
import { expanded, type Lookup } from './dockerfileVariables';

/** One stage of a Dockerfile. */
export interface Stage {
  readonly name: string;
  /** The earlier stage that it begins with; undefined for an image. */
  readonly base: Stage | undefined;
  /** The images that it begins with or takes files from, and the lines that name them. */
  readonly images: readonly StageImage[];
  readonly instructions: readonly Instruction[];
  /** The earlier stages that it is made from. */
  readonly needs: ReadonlySet<Stage>;
}

export interface StageImage {
  readonly reference: string;
  /** From 1. */
  readonly line: number;
  readonly isBegunWith: boolean;
}

export interface Stages {
  /** Those that the wanted one is made from, itself last, in the order in which they stand. */
  readonly needed: readonly Stage[];
  readonly escape: string;
  /** The value that an ARG before the first stage has. */
  readonly globalArg: Lookup;
}

/** More are not meant by a person, and those after them would only cost time. */
const maxStages = 500;

/** The stages that a build takes part in: others have no influence on its image. */
export function neededStages(
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
  target: string | undefined,
): Stages {
  const { escape, instructions } = dockerfileParts(dockerfile);
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const globals = new Map<string, string | undefined>();
  for (const { keyword, rest } of instructions.slice(0, Math.max(first, 0))) {
    if (keyword === 'ARG') declareArgs(rest, escape, buildArgs, globals, (name) => globals.get(name));
  }
  const globalArg: Lookup = (name) => globals.get(name);
  const stages: Stage[] = [];
  let own: Instruction[] = [];
  const close = (from: Instruction | undefined): void => {
    if (from) stages.push(stageOf(from, own, stages, escape, globalArg));
    own = [];
  };
  let from: Instruction | undefined;
  for (const instruction of first < 0 ? [] : instructions.slice(first)) {
    if (instruction.keyword !== 'FROM') own.push(instruction);
    else {
      close(from);
      if (stages.length === maxStages) break;
      from = instruction;
    }
  }
  if (stages.length < maxStages) close(from);
  const wanted = (target === undefined ? undefined : stageCalled(target, stages)) ?? stages.at(-1);
  const reached = wanted ? reachedFrom(wanted) : new Set<Stage>();
  return { needed: stages.filter((stage) => reached.has(stage)), escape, globalArg };
}

/** Takes the names of an ARG into `args`, each with its value: what the build gives comes before the default. */
export function declareArgs(
  rest: string,
  escape: string,
  buildArgs: Readonly<Record<string, string>>,
  args: Map<string, string | undefined>,
  lookup: Lookup,
  globalArg: Lookup = () => undefined,
): void {
  for (const word of wordsOf(rest, escape)) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const given = Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
    args.set(name, given ?? (at < 0 ? globalArg(name) : expanded(word.slice(at + 1), escape, lookup)));
  }
}

function stageOf(
  from: Instruction,
  instructions: readonly Instruction[],
  earlier: readonly Stage[],
  escape: string,
  globalArg: Lookup,
): Stage {
  const [image = '', as = '', name = ''] = wordsOf(flagsOf(from.rest).args, escape);
  const baseName = expanded(image, escape, globalArg);
  const base = baseName === undefined ? undefined : stageCalled(baseName, earlier, false);
  // A base that nobody can know may be any of them.
  const needs = new Set(baseName === undefined ? earlier : base ? [base] : []);
  const images: StageImage[] = [];
  const note = (reference: string | undefined, line: number, isBegunWith: boolean): void => {
    // What no build begins with is no image, and a name with a variable in it is not known here.
    if (reference && reference !== 'scratch' && !reference.includes('$'))
      images.push({ reference, line, isBegunWith });
  };
  if (!base) note(baseName, from.line, true);
  for (const { keyword, rest, line } of instructions) {
    for (const flag of keyword === 'COPY' || keyword === 'RUN' ? flagsOf(rest).flags.map(bare) : []) {
      const named = /^--from=(.*)$/.exec(flag)?.[1] ?? /^--mount=(?:.*,)?from=([^,]*)/.exec(flag)?.[1];
      const other = named === undefined ? undefined : stageCalled(named, earlier);
      if (other) needs.add(other);
      else note(named, line, false);
    }
  }
  return { name: as.toUpperCase() === 'AS' ? name.toLowerCase() : '', base, images, instructions, needs };
}

function stageCalled(name: string, stages: readonly Stage[], byNumber = true): Stage | undefined {
  const found = stages.findLast((stage) => stage.name !== '' && stage.name === name.toLowerCase());
  return found ?? (byNumber && /^\d{1,5}$/.test(name) ? stages[Number(name)] : undefined);
}

function reachedFrom(wanted: Stage): Set<Stage> {
  const reached = new Set([wanted]);
  for (const stage of reached) for (const other of stage.needs) reached.add(other);
  return reached;
}
