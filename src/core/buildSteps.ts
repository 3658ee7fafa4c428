/** How far a build's work came from the cache. Steps that only name an image or a variable do no work. */
export interface StepCount {
  readonly steps: number;
  readonly cached: number;
}

/** BuildKit numbers everything it does; of more than these none is remembered. */
const MAX_VERTICES = 10_000;

/**
 * Counts the steps of builds in their output: `Step 3/7 : RUN x` and ` ---> Using cache` (classic builder),
 * `#5 [stage 2/4] RUN x` and `#5 CACHED` (BuildKit), `[1/2] STEP 3/7: RUN x` and `--> Using cache 0a1b…` (Podman).
 */
export class BuildSteps {
  /** BuildKit shows a step again whenever it turns to it; true once it is known to be cached. */
  #vertices = new Map<string, boolean>();
  #isCounted = false;
  #steps = 0;
  #cached = 0;

  get count(): StepCount {
    return { steps: this.#steps, cached: this.#cached };
  }

  /** Another build begins, whose numbers are its own. */
  begin(): void {
    this.#vertices.clear();
    this.#isCounted = false;
  }

  line(text: string): void {
    if (text.startsWith('#')) this.#vertex(text);
    else if (/^ ?-{2,3}> Using cache\b/.test(text)) this.#useCache();
    else this.#step(text);
  }

  #step(text: string): void {
    const match =
      /^Step \d{1,5}\/\d{1,5} : ([A-Za-z]{1,20})\b/.exec(text) ??
      /^(?:\[\d{1,5}\/\d{1,5}\] )?STEP \d{1,5}\/\d{1,5}: ([A-Za-z]{1,20})\b/.exec(text);
    if (!match) return;
    this.#isCounted = doesWork(match[1] ?? '');
    if (this.#isCounted) this.#steps++;
  }

  #useCache(): void {
    if (this.#isCounted) this.#cached++;
    this.#isCounted = false;
  }

  #vertex(text: string): void {
    const [, id = '', instruction] =
      /^#(\d{1,6}) (?:CACHED$|\[(?:[^\]\s]{1,200} )?\d{1,5}\/\d{1,5}\] ([A-Za-z]{1,20})\b)/.exec(text) ?? [];
    const known = this.#vertices.get(id);
    if (instruction !== undefined) {
      if (known !== undefined || !doesWork(instruction) || this.#vertices.size >= MAX_VERTICES) return;
      this.#vertices.set(id, false);
      this.#steps++;
    } else if (known === false) {
      this.#vertices.set(id, true);
      this.#cached++;
    }
  }
}

function doesWork(instruction: string): boolean {
  return !/^(?:FROM|ARG)$/i.test(instruction);
}
