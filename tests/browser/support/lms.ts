import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import type { House } from '../../support/house.ts';

/** How a person's browser is: with script or without, on a phone or at a desk. */
export type Manner = { readonly script: boolean; readonly width: number };
/** A page of the tool, in the LMS's frame or in a window of its own. */
export type Tool = FrameLocator | Page;
/** Somebody in the demo LMS, on their course's page, in a browser of their own. */
export type Person = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** "My Peer Group" in the course's page. */
  openHere(): Promise<FrameLocator>;
  /** "My Peer Group" in a window of its own. */
  openWindow(): Promise<Page>;
};

export const MANNERS: readonly Manner[] = [true, false].flatMap((script) =>
  [360, 1280].map((width) => ({ script, width })),
);

/** What the tool and the LMS show on the way in where no script sends their forms on. */
const ON = /^(Continue|Open the tool)$/;
export const menuOf = (tool: Tool) => tool.getByRole('navigation', { name: 'Course' });

/** Chooses this person on the LMS's first page, in this course. */
export async function choosePerson(
  browser: Browser,
  { lms }: House,
  { script, width }: Manner,
  course: string,
  name: string,
): Promise<Person> {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 740 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await page.goto(lms.url);
  const part = page.locator('section').filter({ has: page.getByRole('heading', { name: course }) });
  await part.getByRole('button', { name }).first().click();
  await page.getByRole('heading', { level: 1, name: course }).waitFor();
  return {
    context,
    page,
    async openHere() {
      const shown = page.getByRole('link', { name: /^Close/ });
      if ((await shown.count()) > 0) await shown.click();
      await page.getByRole('link', { name: /^Open here/ }).click();
      return goOn(page.frameLocator('#tool'));
    },
    async openWindow() {
      const link = page.getByRole('link', { name: /^Open in a new window/ });
      if (script) {
        const opened = context.waitForEvent('page');
        await link.click();
        return goOn(await opened);
      }
      // A window that a page opens begins before this library has switched its scripts off, and shows no <noscript>.
      const own = await context.newPage();
      await own.goto(new URL((await link.getAttribute('href')) ?? '', page.url()).href);
      return goOn(own);
    },
  };
}

async function goOn<T extends Tool>(tool: T): Promise<T> {
  const step = tool.getByRole('button', { name: ON });
  for (let steps = 0; steps < 4; steps += 1) {
    await menuOf(tool).or(step).first().waitFor();
    if ((await menuOf(tool).count()) > 0) return tool;
    await step.first().click();
    await step.first().waitFor({ state: 'detached' });
  }
  throw new Error('The tool did not open.');
}

export const tab = (tool: Tool, name: string): Promise<void> =>
  menuOf(tool).getByRole('link', { name, exact: true }).click();
export const heading = (tool: Tool, name: RegExp | string): Promise<void> =>
  tool.getByRole('heading', { level: 1, name }).waitFor();
