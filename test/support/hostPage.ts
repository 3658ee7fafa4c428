import { createWriteStream } from 'node:fs';
import { format } from 'node:util';
import { launchChromium } from './chromium';
import { whenInterrupted } from './interrupt';
import { outputMark } from './outputMark';

/** Opens a page whose payload runs a module in the extension host, passes on what that says, and waits for its end. */
export async function runInPage(url: string, logFile: string, onText: (text: string) => void): Promise<void> {
  const browser = await launchChromium();
  const log = createWriteStream(logFile);
  try {
    const page = await browser.newPage();
    await page.exposeFunction('codeAutomationLog', (type: string, words: unknown[]) => {
      const text = format(...words);
      log.write(`${type}: ${text}\n`);
      if (text.startsWith(outputMark)) {
        onText(text.slice(outputMark.length));
      }
    });
    const ended = new Promise<number>((resolve, reject) => {
      page.exposeFunction('codeAutomationExit', resolve).catch(reject);
      page.on('crash', () => reject(new Error('the page crashed')));
      setTimeout(() => reject(new Error('the suite took more than 15 minutes')), 900_000).unref();
    });
    await Promise.race([whenInterrupted(), Promise.all([page.goto(url), ended])]);
  } finally {
    log.end();
    await browser.close();
  }
}
