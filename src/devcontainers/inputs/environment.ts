import { isRecord } from '../../common/record';
import { NAMED_ONE_BY_ONE } from '../../core/configDiff';
import { effectOf, effectOfInput } from '../../core/effects';
import type { InputReading } from '../../core/ports';
import { digestOf } from './hashedFiles';
import type { InputGround, InputPart } from './part';
import { NO_PART } from './part';
import { misconfigured } from './problems';
import { emptyRecord } from './values';
import { hostVariable, hostVariablesIn } from './variables';

const maxDepth = 200;
/** More variables than these are taken for mischief. */
const maxVariables = 500;

/** The host's variables that the configuration uses: one reading each, a digest for each property that uses it. */
export function environmentInputs(ground: InputGround): InputPart {
  const uses = new Map<string, Record<string, string>>();
  for (const [property, value] of countingProperties(ground.config)) {
    for (const [name, taken] of takenBy(value, ground)) {
      const values = uses.get(name) ?? emptyRecord<string>();
      values[property] = taken;
      uses.set(name, values);
    }
  }
  if (uses.size > maxVariables) {
    const message = `The configuration uses more than ${maxVariables} variables of the host.`;
    return { ...NO_PART, readings: [misconfigured('environment', 'environment', message, [])] };
  }
  const readings = [...uses].map(([name, values]): InputReading => ({
    kind: 'environment',
    input: `\${localEnv:${name}}`,
    values,
  }));
  return { ...NO_PART, readings };
}

/** What a property takes of each variable, as digests: with a default, a variable that is unset equals one with its value. */
function takenBy(value: unknown, ground: InputGround): Map<string, string> {
  const all = new Map<string, Set<string>>();
  for (const text of stringsIn(value)) {
    for (const { name, fallback } of hostVariablesIn(text)) {
      const digests = all.get(name) ?? new Set<string>();
      all.set(name, digests.add(variableDigest(hostVariable(name, ground) ?? fallback)));
    }
  }
  // Several defaults of one variable take several values while it is unset.
  return new Map(
    [...all].map(([name, [one = '', ...more]]) => [
      name,
      more.length > 0 ? digestOf([one, ...more].join()) : one,
    ]),
  );
}

/** Told apart from every value, also from the word. */
export function variableDigest(value: string | undefined): string {
  return digestOf(value ?? '\0unset');
}

/** Properties that matter to a container, named as the changes of the configuration are. */
function countingProperties(config: Readonly<Record<string, unknown>>): [property: string, value: unknown][] {
  return Object.entries(config)
    .filter(([key]) => effectOf([key]) !== 'none' || NAMED_ONE_BY_ONE.has(key))
    .flatMap(([key, value]): [string, unknown][] => {
      if (!NAMED_ONE_BY_ONE.has(key) || !isRecord(value)) return [[key, value]];
      return Object.entries(value).map(([inner, innerValue]): [string, unknown] => [
        `${key}.${inner}`,
        innerValue,
      ]);
    })
    .filter(([property]) => effectOfInput('environment', property) !== 'none');
}

function* stringsIn(value: unknown, depth = 0): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null && depth < maxDepth)
    for (const inner of Object.values(value)) yield* stringsIn(inner, depth + 1);
}
