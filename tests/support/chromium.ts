import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
] as const;

/** The system's Chromium where there is one, else the one that npm brings. */
export async function chromiumPath(): Promise<string> {
  const system = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
  return system ?? (await sparticuz.executablePath());
}

/**
 * A Chromium for browser tests.
 * Not @sparticuz/chromium's own arguments: they switch off web security and site isolation, which are what is tested.
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: [...CHROMIUM_ARGUMENTS, ...args] });
}
