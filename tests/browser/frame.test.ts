import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Cast, openCast } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';
import { choosePerson, heading, tab } from './support/lms.ts';

let cast: Cast;
let browser: Browser;
beforeAll(async () => {
  cast = await openCast();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});

const manager = () => choosePerson(browser, cast.house, { script: true, width: 720 }, 'ours', 'Mo Manager');

describe("In the LMS's frame", () => {
  it('a page tells the LMS how high it is, and shows nothing that the LMS shows already', async () => {
    const person = await manager();
    const tool = await person.openHere();
    expect(await tool.locator('.course').isVisible()).toBe(false);
    await person.page.waitForFunction("document.getElementById('tool').style.height !== ''");
    expect(await (await (await manager()).openWindow()).locator('.course').isVisible()).toBe(true);
  });

  it('a refusal is seen as well, though the visit is over and nobody knows whose frame it is', async () => {
    const tool = await (await manager()).openHere();
    await cast.house.database.connection.collection('sessions').deleteMany({});
    await tab(tool, 'Roster');
    await heading(tool, 'Please open this from your course');
  });
});
