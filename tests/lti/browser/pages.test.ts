import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { CLAIM } from '../../../src/lti/claims.ts';
import { flawsOf } from '../../browser/support/looks.ts';
import { launchChromium } from '../../support/chromium.ts';
import { type House, openHouse } from '../../support/house.ts';
import { ROLE, someClaims } from '../support/builders.ts';
import { type BrowserLms, startBrowserLms } from '../support/browser-lms.ts';

let house: House;
let lms: BrowserLms;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  house = await openHouse();
  lms = await startBrowserLms(house.url);
  await house.services.door.platforms.register(lms.registration());
  browser = await launchChromium();
  page = await browser.newPage();
});
afterAll(async () => {
  await browser.close();
  await lms.close();
  await house.close();
});

const get = async (path: string, headers: Record<string, string> = {}) =>
  (await fetch(house.url + path, { headers })).text();
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(house.url + path, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) });

/** Through a login without a frame, with these claims instead of a plain launch's. */
async function launch(change: Record<string, unknown>): Promise<string> {
  const begun = await fetch(lms.loginAddress(), { redirect: 'manual' });
  const query = new URL(begun.headers.get('location') ?? '').searchParams;
  const iat = Math.floor(Date.now() / 1000);
  const claims = someClaims({
    iss: lms.pages.issuer,
    iat,
    exp: iat + 60,
    nonce: query.get('nonce'),
    [CLAIM.targetLinkUri]: `${house.url}/lti/launch`,
    ...change,
  });
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const form = { state: query.get('state') ?? '', id_token: await lms.pages.sign(claims) };
  return (await post('/lti/launch', form, { cookie })).text();
}

const framed = { 'sec-fetch-dest': 'iframe' };
const loginFields = () => Object.fromEntries(new URL(lms.loginAddress()).searchParams);
const deepLinking = () => ({
  [CLAIM.messageType]: 'LtiDeepLinkingRequest',
  [CLAIM.resourceLink]: undefined,
  [CLAIM.roles]: [ROLE.instructor],
  [CLAIM.deepLinkingSettings]: {
    deep_link_return_url: `${lms.pages.issuer}/return`,
    accept_multiple: true,
    accept_lineitem: true,
  },
});

async function invitation(more: Record<string, string> = {}): Promise<string> {
  const { token } = await house.services.door.invitations.issue(null);
  return `/lti/register?${new URLSearchParams({ invitation: token, ...more }).toString()}`;
}

async function operatorPass(): Promise<string> {
  const ticket = new URL(await house.services.door.operatorLink()).searchParams.get('ticket') ?? '';
  const answer = await post('/lti/operator/enter', { ticket });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

test.each<[string, () => Promise<string>, string]>([
  ['values to enter by hand', () => get('/lti/register'), 'Install Peer Group'],
  ['an invitation', async () => get(await invitation()), 'Your invitation'],
  [
    'whom an invitation would connect',
    async () => get(await invitation({ openid_configuration: `${lms.pages.issuer}/openid-configuration` })),
    'Connect 127.0.0.1',
  ],
  ['a refusal', () => get('/lti/login'), 'did not say enough'],
  ['one moment', async () => (await post('/lti/login', loginFields(), framed)).text(), 'One moment'],
  [
    'a window of its own',
    async () => (await post('/lti/login', { ...loginFields(), cookies_tried: '1' }, framed)).text(),
    'in a new window',
  ],
  ['no course', () => launch({ [CLAIM.context]: undefined }), 'Open this from a course'],
  ['what to place', () => launch(deepLinking()), 'Put Peer Group into your course'],
  [
    'nothing to place',
    () =>
      launch({
        ...deepLinking(),
        [CLAIM.deepLinkingSettings]: {
          deep_link_return_url: `${lms.pages.issuer}/r`,
          accept_types: ['html'],
        },
      }),
    'nothing else to give',
  ],
  [
    'the way back from it',
    async () => {
      const ticket = /name="ticket" value="([^"]+)"/.exec(await launch(deepLinking()))?.[1] ?? '';
      return (await post('/lti/deep-link', { ticket, target: '/', 'target /': '1' })).text();
    },
    'Adding to your course',
  ],
  [
    'the way into the operator’s page',
    async () => get(new URL(await house.services.door.operatorLink()).href.replace(house.url, '')),
    'The operator',
  ],
  [
    'the operator’s page',
    async () => get('/lti/operator', { cookie: await operatorPass() }),
    'how it is doing there',
  ],
])('the page of %s is accessible, fits a phone and has one main action', async (_what, html, words) => {
  const shown = await html();
  expect(shown).toContain(words);
  await page.route(`${house.url}/shown`, (route) =>
    // As a browser without script has it: what goes on by itself would not stand still to be looked at.
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: shown.replace(/<script[\s\S]*?<\/script>/g, ''),
    }),
  );
  await page.goto(`${house.url}/shown`);
  expect(await flawsOf(page)).toEqual([]);
  await page.unroute(`${house.url}/shown`);
});
