import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type House, openHouse } from '../support/house.ts';
import { addBoardCourse, type BoardCourse, openBoardAs } from './support/board.ts';
import type { Manner } from './support/lms.ts';
import { complaintsOf, flawsOf } from './support/looks.ts';

let house: House;
let browser: Browser;
let course: BoardCourse;
let board: string;
beforeAll(async () => {
  house = await openHouse();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await house.close();
});
let courses = 0;
beforeEach(async () => {
  courses += 1;
  course = await addBoardCourse(house, browser, `board-${courses}`);
  board = `/groups/proposals/${course.proposalId}/board`;
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

const DESK: Manner = { script: true, width: 1280 };
const PHONE: Manner = { script: false, width: 360 };
const open = async (manner: Manner, manager = 0) => {
  const one = await openBoardAs(house, browser, course.courseId, manager, manner);
  await one.show(board);
  return one;
};
const groupAt = (page: Page, at: number) => page.locator('.board .group').nth(at);
const sizesOf = async (page: Page): Promise<number[]> =>
  Promise.all([0, 1].map((at) => groupAt(page, at).locator('li').count()));
const linkIn = (page: Page, group: number, who: string) =>
  groupAt(page, group).getByRole('link', { name: `Move ${who}` });
const nameIn = async (page: Page, group: number): Promise<string> =>
  (await groupAt(page, group).locator('li > span').first().innerText()).trim();

describe('The board', () => {
  it('moves people by mouse: what that did is said and read out, and can be undone', async () => {
    const { page } = await open(DESK);
    const complaints = complaintsOf(page);
    // Both groups in sight, so that nothing is scrolled while somebody is held.
    await page.setViewportSize({ width: 1280, height: 1600 });
    const before = await sizesOf(page);
    const from = before[0]! > before[1]! ? 0 : 1;
    const who = await nameIn(page, from);
    await groupAt(page, from)
      .locator('li')
      .first()
      .dragTo(groupAt(page, 1 - from));
    await page.getByText(`${who} was moved from`).first().waitFor();
    await linkIn(page, 1 - from, who).waitFor();
    await page.locator('#live', { hasText: `${who} was moved from` }).waitFor({ state: 'attached' });
    await page.locator(':focus', { hasText: /^Move$/ }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await linkIn(page, from, who).waitFor();
    expect(await sizesOf(page)).toEqual(before);
    await page.getByRole('button', { name: 'Do again' }).click();
    await linkIn(page, 1 - from, who).waitFor();
    expect(complaints).toEqual([]);
  });

  it('moves people by keyboard: the focus goes along', async () => {
    const { page } = await open(DESK);
    const who = await nameIn(page, 0);
    await page.getByRole('link', { name: `Move ${who}` }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `Move ${who}` }).waitFor();
    await page
      .getByRole('button', { name: /^(Move|Put) here to / })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.getByText(`${who} was moved from`).first().waitFor();
    await linkIn(page, 1, who).waitFor();
    await page.locator(`:focus[aria-label="Move ${who}"]`).waitFor();
    const lock = page.getByRole('button', { name: `Lock ${who}` });
    await lock.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Unlock ${who}` }).waitFor();
    await page.locator(`:focus[aria-label="Unlock ${who}"]`).waitFor();
  });

  it('does all of it without script on a phone, and asks twice before a rule breaks', async () => {
    const { page } = await open(PHONE);
    const [small] = (await sizesOf(page))
      .map((size, at) => ({ size, at }))
      .toSorted((a, b) => a.size - b.size);
    for (let taken = small!.size; taken > 4; taken -= 1) {
      await groupAt(page, small!.at)
        .getByRole('link', { name: /^Move / })
        .first()
        .click();
      await page.getByRole('button', { name: 'Take out of the group' }).click();
      await page.getByText('was taken out of').first().waitFor();
    }
    await groupAt(page, small!.at)
      .getByRole('link', { name: /^Move / })
      .first()
      .click();
    await page.getByRole('button', { name: 'Take out of the group' }).click();
    await page.getByRole('heading', { level: 1, name: 'This breaks a rule' }).waitFor();
    await page.getByRole('button', { name: 'Do it anyway' }).click();
    await page.getByText('was taken out of').first().waitFor();
    expect(await groupAt(page, small!.at).locator('li').count()).toBe(3);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await groupAt(page, small!.at).locator('li').count()).toBe(4);
    await page
      .getByRole('link', { name: /in a group$/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^(Move|Put) here to / })
      .first()
      .click();
    await page.getByText('was put in').first().waitFor();
  });

  it('shows a second Community Manager what the first did, and does not write over it', async () => {
    const first = await open(DESK, 0);
    const second = await open(PHONE, 1);
    const who = await nameIn(second.page, 0);
    await first.page.getByRole('link', { name: `Move ${who}` }).click();
    await second.page.getByRole('link', { name: `Move ${who}` }).click();
    await first.page
      .getByRole('button', { name: /^(Move|Put) here to / })
      .first()
      .click();
    await first.page.getByText(`${who} was moved from`).first().waitFor();
    await second.page.getByRole('button', { name: 'Take out of the group' }).click();
    await second.page.getByRole('heading', { level: 1, name: 'Somebody changed this meanwhile' }).waitFor();
    await second.page.getByText('Ngozi Eze').waitFor();
    await second.page.getByText(`Take ${who} out of`).waitFor();
    await second.page.getByRole('button', { name: 'Do it', exact: true }).click();
    await second.page.getByText(`${who} was taken out of`).first().waitFor();
    await first.page.evaluate("htmx.trigger('#news', 'every')");
    await first.page.evaluate(
      "htmx.ajax('GET', document.querySelector('#news').getAttribute('hx-get'), '#news')",
    );
    await first.page.getByText('There is 1 change since you opened this page').waitFor();
    await first.page.getByText('Tunde Bakare').waitFor();
  });

  it('improves the rest in the background, and says what that did', async () => {
    const { page } = await open(DESK);
    await page.getByRole('button', { name: 'Improve the rest' }).click();
    await page.getByRole('heading', { level: 1, name: 'Improving the rest' }).waitFor();
    await house.services.jobs.runDue();
    await page
      .getByRole('heading', { level: 1, name: /The groups stay as they are|changed groups/ })
      .waitFor();
  });

  it('is accessible, fits a phone, and is sure of what matters, on each of its pages', async () => {
    const { page, show } = await open(DESK);
    const found: Record<string, string[]> = { board: await flawsOf(page) };
    await page
      .getByRole('link', { name: /^Move / })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^(Move|Put) here to / })
      .first()
      .waitFor();
    found['move'] = await flawsOf(page);
    await page
      .getByRole('button', { name: /^(Move|Put) here to / })
      .first()
      .click();
    await page.locator('#said').waitFor();
    found['moved'] = await flawsOf(page);
    await show(`${board}?track=nowhere`);
    found['empty'] = await flawsOf(page);
    expect(found).toEqual({ board: [], move: [], moved: [], empty: [] });
  });
});
