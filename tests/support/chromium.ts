import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * A Chromium for browser tests: the system's where there is one, else the one that npm brings.
 * Not @sparticuz/chromium's own arguments: they switch off web security and site isolation, which are what is tested.
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const system = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
  return chromium.launch({
    executablePath: system ?? (await sparticuz.executablePath()),
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...args,
    ],
  });
}
