import { accessSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Starts Debian's Chromium, without a window. */
export function launchChromium(): Promise<Browser> {
  // Who starts it closes it, at an interrupt too: Playwright's own way would end the whole process with it.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return chromium.launch({ executablePath: chromiumPath(), args: flags, ...signals });
}

/** What keeps it from talking to anyone but us, and lets it run as root and without a graphics card. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function chromiumPath(): string {
  const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = candidates.find((file) => {
    try {
      accessSync(file);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    throw new Error('no Chromium here (package chromium)');
  }
  return found;
}
