import { createHash } from 'node:crypto';

/** A digest of many different texts that is the same in whatever order they come. */
export class UnorderedHash {
  readonly #sum = Buffer.alloc(32);

  add(text: string): void {
    const digest = createHash('sha256').update(text).digest();
    for (let i = 0; i < digest.length; i++) this.#sum[i] = (this.#sum[i] ?? 0) ^ (digest[i] ?? 0);
  }

  get digest(): string {
    return `#${this.#sum.toString('hex').slice(0, 16)}`;
  }
}
