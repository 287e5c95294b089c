import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/**
 * What is wrong with the page as it stands, in sentences: axe's rules in both colour schemes, on a phone; more than one
 * heading of the page or filled button; anything that scrolls sideways.
 */
export async function flawsOf(page: Page): Promise<string[]> {
  await page.setViewportSize({ width: 360, height: 740 });
  const flaws: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Legacy mode needs no page of its own to put the results of several frames together; there is one frame.
    const axe = new AxeBuilder({ page }).setLegacyMode().withTags(TAGS);
    // Only colours differ from one scheme to the other.
    const { violations } = await (colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
    for (const { id, nodes } of violations)
      flaws.push(`${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }
  const headings = await page.locator('h1').count();
  if (headings !== 1) flaws.push(`${headings} headings of the page`);
  const filled = await page.locator('.btn.main').allInnerTexts();
  if (filled.length > 1) flaws.push(`filled buttons: ${filled.join(', ')}`);
  const sideways = await page.evaluate<number>(SIDEWAYS);
  if (sideways > 0) flaws.push(`scrolls ${sideways} px sideways`);
  return flaws;
}

/** What the browser complains about while it shows the page: blocked scripts and styles, errors of scripts. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return complaints;
}
