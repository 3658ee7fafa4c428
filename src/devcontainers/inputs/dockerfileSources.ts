import { posix } from 'node:path';
import { heredocOf, wordsOf, type Instruction } from '../dockerfileLines';
import { declareArgs, neededStages, type Stage, type Stages } from './dockerfileStages';
import { bare, flagsOf, listOf } from './dockerfileValues';
import { expanded, type Lookup } from './dockerfileVariables';

/** What a build takes from its context. */
export interface Source {
  /** Within the context, with `/` and perhaps wildcards; `` is all of it. */
  readonly path: string;
  /** Patterns as in .dockerignore, from the folder that the path names, for what is not taken. */
  readonly excludes: readonly string[];
  /** Where the instruction begins that names it first, from 1. */
  readonly line: number;
}

/** What the stages that a build needs take from its context. */
export function dockerfileSources(
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
  target: string | undefined,
): Source[] {
  const stages = neededStages(dockerfile, buildArgs, target);
  const sources = new Map<string, Source>();
  const scopes = new Map<Stage, Scope>();
  for (const stage of stages.needed) {
    const scope: Scope = { args: new Map(), env: new Map() };
    const base = stage.base && scopes.get(stage.base);
    base?.args.forEach((value, name) => scope.args.set(name, value));
    base?.env.forEach((value, name) => scope.env.set(name, value));
    scopes.set(stage, scope);
    for (const instruction of [...triggersOf(stage.base), ...stage.instructions]) {
      for (const source of taken(instruction, stages, scope, buildArgs)) {
        const key = JSON.stringify([source.path, source.excludes]);
        if (!sources.has(key)) sources.set(key, { ...source, line: instruction.line });
      }
    }
  }
  return [...sources.values()];
}

/** Variables of a stage; a name with an undefined value is one that nobody here can know. */
interface Scope {
  readonly args: Map<string, string | undefined>;
  readonly env: Map<string, string | undefined>;
}

/** What an earlier stage lays on those that begin with it. */
function triggersOf(base: Stage | undefined): Instruction[] {
  return (base?.instructions ?? [])
    .filter(({ keyword }) => keyword === 'ONBUILD')
    .map((instruction) => {
      const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(instruction.rest) ?? [];
      return { ...instruction, keyword: keyword.toUpperCase(), rest };
    });
}

function taken(
  { keyword, rest }: Instruction,
  { escape, globalArg }: Stages,
  scope: Scope,
  buildArgs: Readonly<Record<string, string>>,
): Omit<Source, 'line'>[] {
  const lookup: Lookup = (name) => (scope.env.has(name) ? scope.env.get(name) : scope.args.get(name));
  switch (keyword) {
    case 'ARG':
      declareArgs(rest, escape, buildArgs, scope.args, lookup, globalArg);
      return [];
    case 'ENV':
      setEnv(rest, escape, scope.env, lookup);
      return [];
    case 'COPY':
    case 'ADD':
      return copied(keyword, rest, escape).map((word) => ({
        path: inContext(expanded(word, escape, lookup)),
        excludes: excluded(rest, escape, lookup),
      }));
    case 'RUN':
      return mounted(rest).map((word) => ({ path: inContext(expanded(word, escape, lookup)), excludes: [] }));
    default:
      return [];
  }
}

/** All names of one ENV see the values from before it. */
function setEnv(rest: string, escape: string, env: Scope['env'], lookup: Lookup): void {
  const old = /^([^\s=]+)\s+(.*)$/s.exec(rest);
  const pairs = old
    ? [[old[1] ?? '', old[2] ?? ''] as const]
    : wordsOf(rest, escape).map((word) => {
        const at = word.indexOf('=');
        return [word.slice(0, Math.max(at, 0)), word.slice(at + 1)] as const;
      });
  const values = pairs.map(([name, value]) => [name, expanded(value, escape, lookup)] as const);
  for (const [name, value] of values) env.set(name, value);
}

function copied(keyword: string, rest: string, escape: string): string[] {
  const { flags, args } = flagsOf(rest);
  if (keyword === 'COPY' && flags.some((flag) => flag.startsWith('--from='))) return [];
  const words = listOf(args) ?? wordsOf(args, escape);
  return words.slice(0, -1).filter((word) => !heredocOf(word) && !(keyword === 'ADD' && isElsewhere(word)));
}

/** Nothing where a pattern cannot be known, or where `--parents` gives the patterns another beginning. */
function excluded(rest: string, escape: string, lookup: Lookup): string[] {
  const flags = flagsOf(rest).flags.map(bare);
  if (flags.some((flag) => flag.startsWith('--parents'))) return [];
  const patterns = flags
    .filter((flag) => flag.startsWith('--exclude='))
    .map((flag) => expanded(flag.slice('--exclude='.length), escape, lookup));
  const known = patterns.filter((pattern) => pattern !== undefined);
  return known.length === patterns.length ? known : [];
}

/** What ADD takes from the network: URLs and Git repositories. */
function isElsewhere(source: string): boolean {
  return /^["']?((https?|ftp|git|ssh):\/\/|git@)/i.test(source);
}

/** Sources of `RUN --mount`s that show the build context. */
function mounted(rest: string): string[] {
  return flagsOf(rest)
    .flags.map(bare)
    .filter((flag) => flag.startsWith('--mount='))
    .map((flag) => new Map(flag.slice('--mount='.length).split(',').map(pairOf)))
    .filter((options) => (options.get('type') ?? 'bind') === 'bind' && !options.has('from'))
    .map((options) => options.get('source') ?? options.get('src') ?? '');
}

function pairOf(option: string): [string, string] {
  const at = option.indexOf('=');
  return at < 0 ? [option, ''] : [option.slice(0, at).toLowerCase(), option.slice(at + 1)];
}

/** The path as the builder takes it: nothing leads out of the context. What cannot be known may be all of it. */
function inContext(source: string | undefined): string {
  return source === undefined ? '' : posix.normalize(`/${source}`).replace(/^\/+|\/+$/g, '');
}
