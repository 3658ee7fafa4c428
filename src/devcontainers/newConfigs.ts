import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stampOf } from './fileStamp';
import { isConfigPlace } from './watchPlan';

/** Tells once of each configuration that comes to be in a project's places, for as long as it is there. */
export class NewConfigs {
  readonly #told = new Set<string>();

  /** @param isKnown whether a configuration is none that is new. */
  constructor(
    private readonly isKnown: (path: string) => boolean,
    private readonly tell: (path: string) => void,
  ) {}

  found(path: string): void {
    if (this.isKnown(path) || this.#told.has(path)) return;
    this.#told.add(path);
    this.tell(path);
  }

  gone(path: string): void {
    this.#told.delete(path);
  }

  /** Looks at the places of these projects. */
  async check(projects: readonly string[]): Promise<void> {
    for (const project of projects) {
      const places = await placesIn(project);
      for (const place of places) this.found(place);
      for (const told of this.#told) {
        if (isConfigPlace(project, told) && !places.includes(told)) this.gone(told);
      }
    }
  }
}

/** The configurations in the three places of a project folder. */
async function placesIn(project: string): Promise<string[]> {
  const inner = join(project, '.devcontainer');
  const entries = await readdir(inner, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(inner, entry.name));
  const candidates = [
    join(project, '.devcontainer.json'),
    ...[inner, ...folders].map((folder) => join(folder, 'devcontainer.json')),
  ];
  const stamps = await Promise.all(candidates.map(stampOf));
  return candidates.filter((_, at) => stamps[at]?.real !== undefined);
}
