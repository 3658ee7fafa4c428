import type { Page } from 'playwright-core';

/** When each row was painted first, by the page itself; `Date.now()` is the same clock here and there. */
export interface Painted {
  /** Waits for a row whose first words are these, and gives the time of the frame that showed it first. */
  row(name: string): Promise<number>;
  /** The time of the last press of a mouse button. */
  pressed(): Promise<number>;
}

/**
 * A row counts in the task after the frame that has it, when that frame was handed on to the screen; frames are looked
 * at when something in the side bar changed.
 */
const WATCH = `(() => {
  const painted = (globalThis.shipshapePainted = { rows: {}, pressed: 0 });
  const channel = new MessageChannel();
  let isAsked = false;
  let names = [];
  channel.port1.onmessage = () => {
    const now = Date.now();
    for (const name of names) painted.rows[name] ??= now;
  };
  const look = () => {
    isAsked = false;
    const rows = [...document.querySelectorAll('.sidebar [role=treeitem]')];
    names = rows.map((row) => (row.getAttribute('aria-label') ?? '').split(',')[0].trim());
    channel.port2.postMessage(0);
  };
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(look);
  };
  const options = { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label'] };
  new MutationObserver(ask).observe(document.querySelector('.sidebar'), options);
  addEventListener('mousedown', () => (painted.pressed = Date.now()), true);
})()`;

interface Global {
  shipshapePainted: { rows: Record<string, number>; pressed: number };
}

/** Starts to watch the rows of a page's side bar. */
export async function watchPainting(page: Page): Promise<Painted> {
  await page.evaluate(WATCH);
  return {
    async row(name) {
      const shown = await page.waitForFunction(
        (wanted) => (globalThis as unknown as Global).shipshapePainted.rows[wanted],
        name,
      );
      return (await shown.jsonValue()) ?? Number.NaN;
    },
    pressed: () => page.evaluate(() => (globalThis as unknown as Global).shipshapePainted.pressed),
  };
}
