import { afterAll, afterEach } from 'vitest';
import { openWorkbenches, type Workbench } from '../workbench';

/** Tells what every open workbench shows when a test failed, or what comes before all tests of a file. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await tellAll(task.name);
});

afterAll(async (_context, suite) => {
  const hasFailedTests = suite.tasks.some(({ result }) => result?.state === 'fail');
  if (suite.result?.state === 'fail' && !hasFailedTests) await tellAll(suite.name);
});

async function tellAll(name: string): Promise<void> {
  for (const workbench of openWorkbenches) {
    try {
      console.error(await tell(workbench, name));
    } catch (error) {
      console.error(`${name}: the workbench tells nothing: ${String(error)}`);
    }
  }
}

async function tell(workbench: Workbench, name: string): Promise<string> {
  const picture = await workbench.screenshot(`failed-${name.replace(/\W+/g, '-').slice(0, 60)}`);
  const quickInput = workbench.page.locator('.quick-input-widget');
  const parts = {
    rows: await workbench.rows(),
    messages: await workbench.notifications(),
    dialogs: await workbench.page.locator('.monaco-dialog-box').allInnerTexts(),
    'quick input': (await quickInput.isVisible()) ? [await quickInput.innerText()] : [],
    'the end of the output': (await workbench.outputText('Shipshape')).split('\n').slice(-40),
  };
  const told = Object.entries(parts).map(([part, lines]) => [`${part}:`, ...lines].join('\n  '));
  return [`When “${name}” failed the workbench showed (${picture}):`, ...told].join('\n');
}
