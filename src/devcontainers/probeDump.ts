/**
 * The CLI asks each container for its release, and where there is none, as in a minimal image, it prints the failure as
 * an object over several lines and goes on. At the level of news that reads like a failure of the job.
 */
export class ProbeDump<Line extends { readonly text: string }> {
  #held: Line | undefined;
  #isInside = false;

  /** Takes a stray line, and gives those of which it is known now whether they belong to such a dump, in order. */
  push(line: Line): readonly { readonly line: Line; readonly isDump: boolean }[] {
    const held = this.#held;
    this.#held = undefined;
    if (!this.#isInside && line.text === '{') {
      this.#held = line;
      return held ? [{ line: held, isDump: false }] : [];
    }
    if (held && BEGIN.test(line.text)) this.#isInside = true;
    const isDump = this.#isInside;
    if (line.text === '}') this.#isInside = false;
    return [...(held ? [held] : []), line].map((each) => ({ line: each, isDump }));
  }

  /** Something else came; gives the line that was waited with. */
  end(): Line | undefined {
    const held = this.#held;
    this.#held = undefined;
    this.#isInside = false;
    return held;
  }
}

const BEGIN = /^ {2}message: 'Command in container failed: \(cat \/etc\/os-release /;
