import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrowserContext, chromium, type FrameLocator, type Page } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, chromiumPath } from '../../support/chromium.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type BrowserLms, type Keeping, startBrowserLms } from '../support/browser-lms.ts';

let house: House;
let lms: BrowserLms;
let context: BrowserContext;
let directory: string;
let partitioned = true;
beforeAll(async () => {
  house = await openHouse({ onRequest: withoutPartitions });
  lms = await startBrowserLms(house.url);
  await house.services.door.platforms.register(lms.registration());
});
afterAll(async () => {
  await lms.close();
  await house.close();
});
afterEach(async () => {
  await context.close();
  rmSync(directory, { recursive: true, force: true });
});

type Manner = {
  /** Third-party cookies are blocked; partitioned ones are not (Chromium's setting, Firefox's default). */
  readonly blockThirdParty?: boolean;
  /** No cookie of the tool is kept in a frame at all, while windows of its own keep theirs (Safari). */
  readonly noCookiesInFrame?: boolean;
  readonly script?: boolean;
};

/** A browser with a profile of its own. */
async function open({
  blockThirdParty = false,
  noCookiesInFrame = false,
  script = true,
}: Manner): Promise<Page> {
  // A browser that knows no partitioned cookies blocks them with the others.
  partitioned = !noCookiesInFrame;
  directory = mkdtempSync(path.join(tmpdir(), 'peer-group-browser-'));
  const blocking = ['--test-third-party-cookie-phaseout', '--disable-features=Translate'];
  context = await chromium.launchPersistentContext(directory, {
    executablePath: await chromiumPath(),
    args: [...CHROMIUM_ARGUMENTS, ...(blockThirdParty || noCookiesInFrame ? blocking : [])],
    javaScriptEnabled: script,
    viewport: { width: 720, height: 640 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15_000);
  return page;
}

async function openCourse(page: Page, keeping: Keeping = 'none'): Promise<FrameLocator> {
  await page.goto(lms.courseAddress(keeping));
  return page.frameLocator('iframe[name=tool]');
}

/** The tool's page for a fellow who is not placed yet. */
const inside = (frame: FrameLocator | Page) => frame.getByRole('navigation', { name: 'Course' });
const windowButton = (frame: FrameLocator) => frame.getByRole('button', { name: 'Open in a new window' });

function addressesOf(page: Page): string[] {
  return [page.url(), ...page.frames().map((frame) => frame.url())];
}

/** Takes the attribute away, as a browser does that does not know it. */
function withoutPartitions(_req: IncomingMessage, res: ServerResponse): void {
  if (partitioned) return;
  const setHeader = res.setHeader.bind(res);
  res.setHeader = (name, value) =>
    setHeader(
      name,
      name.toLowerCase() === 'set-cookie'
        ? [value].flat().map((cookie) => String(cookie).replace(/; Partitioned/i, ''))
        : value,
    );
}

describe('in an iframe of another site', () => {
  test('the tool opens', async () => {
    const frame = await openCourse(await open({}));
    await inside(frame).waitFor();
  });

  test('it opens with third-party cookies blocked, by cookies that belong to this LMS alone', async () => {
    const page = await open({ blockThirdParty: true });
    await inside(await openCourse(page)).waitFor();
    const session = (await context.cookies()).find(({ name }) => name === '__Host-peer-group');
    expect(session).toMatchObject({ sameSite: 'None', secure: true, httpOnly: true });
    expect(session).toMatchObject({ partitionKey: 'http://127.0.0.1' });
  });

  test('a second time it opens without a detour', async () => {
    const page = await open({ blockThirdParty: true });
    await inside(await openCourse(page)).waitFor();
    const asked: string[] = [];
    page.on(
      'request',
      (request) => void asked.push(`${request.method()} ${new URL(request.url()).pathname}`),
    );
    await inside(await openCourse(page)).waitFor();
    expect(asked.filter((one) => one.endsWith('/lti/login'))).toEqual(['GET /lti/login']);
  });
});

describe('where no cookie stays in the frame', () => {
  test.each<Keeping>(['frame', 'unnamed frame'])('it opens by platform storage: %s', async (keeping) => {
    const page = await open({ noCookiesInFrame: true });
    const frame = await openCourse(page, keeping);
    await inside(frame).waitFor();
    expect((await context.cookies()).filter(({ name }) => name.startsWith('__Host-'))).toEqual([]);
  });

  test('its pages work there: links, forms with their answers, Back', async () => {
    const page = await open({ noCookiesInFrame: true });
    const frame = await openCourse(page, 'frame');
    // Where the first page is one that / led to, its form means that page.
    const track = frame.getByLabel('What you learn in this course');
    for (const way of ['straight', 'by a link']) {
      if (way === 'by a link') {
        await inside(frame).getByRole('link', { name: 'Me', exact: true }).click();
        await frame.getByText('Nothing was saved yet').waitFor({ state: 'detached' });
      }
      await track.selectOption('Cybersecurity');
      const answered = page.waitForResponse(
        (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/me/profile'),
      );
      await frame.getByRole('button', { name: 'Save' }).click();
      expect([200, 303, 422]).toContain((await answered).status());
      await frame.getByText('Nothing was saved yet').waitFor();
      expect(await track.inputValue()).toBe('Cybersecurity');
    }
    await inside(frame).getByRole('link', { name: 'Participation' }).click();
    await track.waitFor({ state: 'detached' });
    await page.evaluate('history.back()');
    await track.waitFor();
  });

  test('no address holds a token or a name, and a copied address opens nothing', async () => {
    const page = await open({ noCookiesInFrame: true });
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    await inside(await openCourse(page, 'frame')).waitFor();
    const all = [...asked, ...addressesOf(page)].join('\n');
    for (const secret of ['Ada', 'ada%40', 'id_token=', 'ticket=', 'proof=', 'ltik=', 'eyJ'])
      expect(all).not.toContain(secret);
    const copied =
      page
        .frames()
        .find((one) => one.url().includes('/l/'))
        ?.url() ?? '';
    expect(copied).toMatch(/\/l\/[\w-]{22}\//);
    const answer = await (await context.newPage()).goto(copied);
    expect(answer?.status()).toBe(401);
  });

  test.each<Keeping>(['none', 'silent', 'refusing', 'impostor', 'parent'])(
    'and none is kept by the platform (%s), one click opens a window of its own',
    async (keeping) => {
      const page = await open({ noCookiesInFrame: true });
      const authorizations: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/auth?')) authorizations.push(request.url());
      });
      const frame = await openCourse(page, keeping);
      if (keeping !== 'none') await frame.locator('[data-outcome=none]').waitFor({ state: 'attached' });
      const opened = context.waitForEvent('page');
      await windowButton(frame).click();
      const own = await opened;
      await inside(own).waitFor();
      expect(new URL(own.url()).origin).toBe(house.url);
      // The platform's hint is good once: nothing spent it in the frame.
      expect(authorizations).toEqual([]);
    },
  );
});

describe('in its own window', () => {
  test('the tool opens', async () => {
    const page = await open({ blockThirdParty: true });
    await page.goto(lms.loginAddress());
    await inside(page).waitFor();
  });
});

describe('without script', () => {
  test('in a frame it says what to do, and a window of its own opens', async () => {
    const page = await open({ noCookiesInFrame: true, script: false });
    const frame = await openCourse(page, 'frame');
    await frame.getByRole('button', { name: 'Continue' }).click();
    const opened = context.waitForEvent('page');
    await windowButton(frame).click();
    const own = await opened;
    await own.getByRole('button', { name: 'Go on' }).click();
    await inside(own).waitFor();
  });

  test('where cookies stay, Continue is enough', async () => {
    const page = await open({ blockThirdParty: true, script: false });
    const frame = await openCourse(page);
    await frame.getByRole('button', { name: 'Continue' }).click();
    await frame.getByRole('button', { name: 'Go on' }).click();
    await inside(frame).waitFor();
  });
});
