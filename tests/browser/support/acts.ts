import { DateTime } from 'luxon';
import type { Page } from 'playwright-core';
import { tab, type Tool } from './lms.ts';

/** Fills in a meetup of a quarter of an hour at this moment, on the clocks of Lagos. */
export async function fillInMeetup(page: Page, title: string, moment: Date): Promise<void> {
  const at = DateTime.fromJSDate(moment, { zone: 'Africa/Lagos' });
  await page.getByLabel('What it is about').fill(title);
  await page.getByLabel('Date').fill(at.toFormat('yyyy-MM-dd'));
  await page.getByLabel('Time', { exact: true }).fill(at.toFormat('HH:mm'));
  await page.getByLabel('Minutes').fill('15');
}

/** As staff: the page of the group of this fellow, who alone has this name. */
export async function openGroupOf(tool: Tool, name: string): Promise<void> {
  await tab(tool, 'Groups');
  await tool.getByRole('link', { name: 'See the groups' }).click();
  await tool.getByLabel('Find a group or fellow').fill(name);
  await tool.getByRole('button', { name: 'Search' }).click();
  await tool.getByRole('row').nth(2).waitFor({ state: 'detached' });
  await tool.getByRole('rowheader').getByRole('link').click();
}
