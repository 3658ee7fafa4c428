import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium } from './chromium';
import { readOutput } from './outputFiles';
import { waitFor } from './processes';
import { checkout } from './sample';
import { pageUrl } from './vscodeHost';

/** Where a workbench is to be opened: a server, a folder, and the engine its extension talks to. */
export interface WorkbenchPlace {
  readonly url: string;
  readonly serverDataDir: string;
  readonly version: string;
  readonly folder: string;
  readonly dockerHost: string;
}

/** As much of the browser's own types as is needed here; the whole of them would be there for src/ too. */
interface PageElement {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): { readonly top: number };
}

/** Opens the workbench in a browser of its own and waits until it can be used. */
export async function openWorkbench(place: Omit<WorkbenchPlace, 'dockerHost'>): Promise<Workbench> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(30_000);
    await page.goto(pageUrl(place, place.folder));
    await page.locator('.monaco-workbench .activitybar').waitFor();
    const workbench = new Workbench(page, browser, place);
    openWorkbenches.add(workbench);
    return workbench;
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Those that are open in this process: when a test fails, it is told what they show. */
export const openWorkbenches = new Set<Workbench>();

/** Who wants a last look at a workbench before it closes. */
export const lastLook: { take?: (workbench: Workbench) => Promise<void> } = {};

/** The workbench as a person has it: what is to be seen, and what can be clicked and typed. */
export class Workbench {
  constructor(
    /** For what this class doesn't offer. */
    readonly page: Page,
    private readonly browser: Browser,
    private readonly place: Pick<WorkbenchPlace, 'serverDataDir' | 'version'>,
  ) {}

  /** Shows a view container by its title in the activity bar. */
  async openView(title: string): Promise<void> {
    const tab = this.page.locator('.activitybar').getByRole('tab', { name: title });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') {
      await tab.click();
    }
    await this.page.locator('.sidebar .composite.title').getByText(title, { exact: true }).first().waitFor();
  }

  /** A tree of the side bar by its view's title; without one, the whole side bar. */
  view(title?: string): Locator {
    const sidebar = this.page.locator('.sidebar');
    return title === undefined ? sidebar : sidebar.getByRole('tree', { name: title, exact: true });
  }

  /** What the tree rows in sight say to a screen reader, in their order. */
  async rows(view?: string): Promise<string[]> {
    const rows = await this.view(view)
      .getByRole('treeitem')
      .evaluateAll((elements: readonly PageElement[]) =>
        elements.map(
          (row) => [row.getBoundingClientRect().top, row.getAttribute('aria-label') ?? ''] as const,
        ),
      );
    return rows.sort(([one], [other]) => one - other).map(([, label]) => label.trim());
  }

  /** One tree row, by a part of what it says. */
  row(name: string | RegExp, view?: string): Locator {
    return this.view(view).getByRole('treeitem', { name });
  }

  /** Opens a row so that a row below it is in sight, as long as it takes: the editor may draw anew meanwhile. */
  async expand(row: Locator, below: Locator): Promise<void> {
    await row.click();
    await waitFor('the row below', async () => {
      if (await below.isVisible()) return true;
      if ((await row.getAttribute('aria-expanded')) === 'false') await this.page.keyboard.press('ArrowRight');
      return false;
    });
  }

  /**
   * Presses one of a row's buttons, after which `shown` is to be seen. A tree that changes in that very moment makes the
   * editor forget which row it was: then we ask for which, and it is pressed once more.
   */
  async press(row: Locator, button: string | RegExp, shown: Locator): Promise<void> {
    // One that was answered stays in the page, hidden.
    const question = this.page
      .locator('.quick-input-widget')
      .getByText(/which dev container\?/)
      .filter({ visible: true });
    for (;;) {
      await row.hover();
      // In one go: a row that is drawn anew between the mouse's down and up gets no click.
      await row.getByRole('button', { name: button }).dispatchEvent('click');
      await shown.or(question).first().waitFor();
      if (!(await question.isVisible())) return;
      await this.page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
    }
  }

  /** Opens a row's context menu and chooses from it. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    // A menu takes no click in its first tenth of a second, but a key.
    await this.menuItems().filter({ hasText: item }).first().hover();
    await this.page.keyboard.press('Enter');
  }

  /** What a row's context menu offers. */
  async menuOf(row: Locator): Promise<string[]> {
    await row.click({ button: 'right' });
    const items = this.menuItems();
    await items.first().waitFor();
    const names = await items.evaluateAll((each: readonly PageElement[]) =>
      each.map((item) => item.textContent.trim()),
    );
    await this.page.keyboard.press('Escape');
    return names;
  }

  /** Runs a command by its title, category and all, through the command palette. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput().fill(`>${title}`);
    await this.pick(title);
  }

  /** Chooses from the quick pick that is open, by a part of what an entry says. */
  async pick(name: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-widget').getByRole('option', { name }).first().click();
  }

  /** The field of the quick pick or input box that is open. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget input[type="text"]').first();
  }

  /** The messages shown at the moment. */
  notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits for a message with this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item').filter({ hasText: text });
  }

  /** Answers a message. */
  async clickNotificationButton(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).getByRole('button', { name: button, exact: true }).click();
  }

  /** Answers the modal dialog that is open. */
  async clickDialogButton(button: string | RegExp): Promise<void> {
    await this.page.locator('.monaco-dialog-box').getByRole('button', { name: button }).click();
  }

  /** All that is in an output channel of this server's newest window, read from its file. */
  outputText(channel: string): Promise<string> {
    return readOutput(this.place.serverDataDir, channel);
  }

  /** Waits until an output channel says this, and gives all of it. */
  outputSays(channel: string, text: string): Promise<string> {
    return waitFor(`“${text}” in the output “${channel}”`, async () => {
      const all = await this.outputText(channel);
      return all.includes(text) && all;
    });
  }

  /** Saves what is to be seen under out/screenshots, and tells where. */
  async screenshot(name: string): Promise<string> {
    const folder = join(checkout, 'out/screenshots');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}-${this.place.version}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** The menu bar has items of the same role, so only those of an open menu count; separators have no words. */
  private menuItems(): Locator {
    return this.page.locator('.monaco-menu').getByRole('menuitem').filter({ hasText: /\S/ });
  }

  /** Closes the browser. */
  async close(): Promise<void> {
    openWorkbenches.delete(this);
    await lastLook.take?.(this);
    await this.browser.close();
  }
}
