import { beforeEach, describe, expect, it } from 'vitest';
import { Refresh } from '../../../src/core/refresh';
import { FakeTimers } from '../../support/fakeTimers';
import type { Disposable } from '../../../src/api';

let timers: FakeTimers;
let refresh: Refresh<string>;
/** What the editor shows, and when. */
let shown: { at: number; rows: string; message: string }[];

beforeEach(() => {
  timers = new FakeTimers();
  const began = timers.now();
  shown = [];
  const editor = new Editor(timers, (rows, message) =>
    shown.push({ at: timers.now() - began, rows, message }),
  );
  refresh = new Refresh<string>(timers, {
    rows: (nodes) => editor.change(nodes?.join(' ') ?? 'all', undefined),
    message: (text) => editor.change('', text),
  });
});

/** As the editor treats the changes of a view: the first at once, the others when there was none for 200 ms. */
class Editor {
  #rows: string[] = [];
  #message = '';
  #quiet: Disposable | undefined;

  constructor(
    private readonly timers: FakeTimers,
    private readonly show: (rows: string, message: string) => void,
  ) {}

  change(rows: string, message: string | undefined): void {
    if (rows !== '') this.#rows.push(rows);
    this.#message = message ?? this.#message;
    if (!this.#quiet) this.#showNow();
    this.#quiet?.dispose();
    this.#quiet = this.timers.after(200, () => {
      this.#quiet = undefined;
      if (this.#rows.length > 0 || this.#message !== '') this.#showNow();
    });
  }

  #showNow(): void {
    this.show(this.#rows.join(' '), this.#message);
    this.#rows = [];
    this.#message = '';
  }
}

describe('Refresh', () => {
  it('tells of a single change at once', () => {
    refresh.rows(['a']);
    expect(shown).toEqual([{ at: 0, rows: 'a', message: '' }]);
  });

  it('keeps the editor showing in a storm, each change soon, and drops none', async () => {
    for (let n = 0; n < 40; n++) {
      refresh.rows([`r${n}`]);
      await timers.pass(50);
    }
    await timers.pass(300);
    for (let n = 0; n < 40; n++) {
      const at = shown.find(({ rows }) => rows.split(' ').includes(`r${n}`))?.at ?? Infinity;
      expect(at - n * 50, `r${n}`).toBeLessThanOrEqual(201);
    }
  });

  it('tells of all rows instead of single ones when rows came or went', async () => {
    refresh.rows(['a']);
    refresh.rows(['b']);
    refresh.all();
    await timers.pass(300);
    expect(shown.map(({ rows }) => rows)).toEqual(['a', 'all']);
  });

  it('lets no message hold back the rows that go with it', async () => {
    refresh.rows(['a']);
    refresh.message('old');
    await timers.pass(1_000);
    shown = [];
    const before = timers.now();
    refresh.all();
    refresh.message('new');
    await timers.pass(1_000);
    expect(shown.map(({ rows, message }) => rows || message)).toEqual(['all', 'new']);
    expect(shown[0]?.at).toBe(before - 1_000_000);
  });

  it('says nothing twice, and nothing once it is disposed', async () => {
    refresh.message('same');
    await timers.pass(1_000);
    refresh.message('same');
    refresh.rows([]);
    await timers.pass(1_000);
    expect(shown).toHaveLength(1);
    refresh.dispose();
    refresh.all();
    await timers.pass(1_000);
    expect(shown).toHaveLength(1);
  });
});
