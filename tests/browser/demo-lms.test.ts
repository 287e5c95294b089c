import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { NEW_COURSE, PEOPLE } from '../../src/demo-lms/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { type House, openHouse } from '../support/house.ts';
import { complaintsOf, flawsOf } from './support/looks.ts';
import { choosePerson } from './support/lms.ts';

const COURSE = '3MTT Cohort 4';
const AT = `/courses/${NEW_COURSE}`;
let house: House;
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  house = await openHouse({ seed: 'demo' });
  browser = await launchChromium();
  page = await (await browser.newContext()).newPage();
  complaints = complaintsOf(page);
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

async function choose(personId: string): Promise<void> {
  await page.goto(house.lms.url);
  await page.locator(`button[name=person][value="${personId}"]`).first().click();
  await page.getByText(/^You are /).waitFor();
}
const flaws = async (): Promise<string[]> => [...(await flawsOf(page)), ...complaints];

describe('The demo LMS is accessible, and fits a phone', () => {
  it('where a person is chosen', async () => {
    await page.goto(house.lms.url);
    expect(await flaws()).toEqual([]);
  });

  it.each([AT, `${AT}/roster`, `${AT}/grades`, `${AT}/add`, '/courses', '/nothing'])(
    'for staff: %s',
    async (path) => {
      await choose(PEOPLE.manager);
      await page.goto(house.lms.url + path);
      expect(await flaws()).toEqual([]);
    },
  );

  it.each(['/tools', '/tools/new'])('for the administrator: %s', async (path) => {
    await choose(PEOPLE.administrator);
    await page.goto(house.lms.url + path);
    expect(await flaws()).toEqual([]);
  });

  it.each([AT, `${AT}/grades`, `${AT}/roster`])('for a fellow: %s', async (path) => {
    await choose('1001');
    await page.goto(house.lms.url + path);
    expect(await flaws()).toEqual([]);
  });
});

describe('The tool in it', () => {
  it('is another site to the browser, and another one to the eye', async () => {
    const manner = { script: true, width: 1280 };
    const person = await choosePerson(browser, house, manner, COURSE, 'Chidi Okafor');
    await person.openHere();
    const [outside, inside] = person.page.frames();
    expect(new URL(inside?.url() ?? '').hostname).not.toBe(new URL(outside?.url() ?? '').hostname);
    const look = 'getComputedStyle(document.querySelector("h1")).fontFamily';
    expect(await inside?.evaluate(look)).not.toBe(await outside?.evaluate(look));
  });
});
