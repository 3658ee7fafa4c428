import { beforeEach } from 'vitest';
import { lastLook, openWorkbenches, type Workbench } from '../workbench';

let began = false;

/** Tells what every open workbench shows when a test failed, or what comes before all tests of a file. */
beforeEach(({ onTestFailed }) => {
  began = true;
  onTestFailed(async ({ task }) => {
    for (const workbench of openWorkbenches) await tell(workbench, task.name);
  });
});

lastLook.take = async (workbench) => {
  if (!began) await tell(workbench, 'what comes before all tests');
};

async function tell(workbench: Workbench, name: string): Promise<void> {
  try {
    console.error(await sight(workbench, name));
  } catch (error) {
    console.error(`${name}: the workbench tells nothing: ${String(error)}`);
  }
}

async function sight(workbench: Workbench, name: string): Promise<string> {
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
