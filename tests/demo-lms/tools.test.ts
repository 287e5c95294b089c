import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PEOPLE } from '../../src/demo-lms/index.ts';
import { type Browser, type Page, textOf } from '../support/http.ts';
import { openSite, type TestSite } from './support/site.ts';

let house: TestSite;
let url: string;
beforeAll(async () => {
  house = await openSite();
  url = house.url;
});
afterAll(() => house.close());

const as = (person: string | null): Promise<Browser> => house.as(person);

describe('the tools page', () => {
  const open = async (path = '/tools'): Promise<[Browser, Page]> => {
    const browser = await as(PEOPLE.administrator);
    return [browser, await browser.get(url + path)];
  };

  it('opens a tool’s registration in the page or in a window, each with a token of its own', async () => {
    const [browser, page] = await open();
    const framed = await browser.submit(page, '/tools/registrations', {
      address: `${house.tool.url}/lti/register`,
    });
    const source = /<iframe[^>]+src="([^"]+)"/.exec(framed.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await fetch(source)).status).toBe(200);
    expect((await fetch(source)).status).toBe(401);
    const wish = { address: `${house.tool.url}/lti/register?invitation=x`, in: 'window' };
    expect((await browser.submit(page, '/tools/registrations', wish)).url).toContain(
      `${house.tool.url}/lti/register?invitation=x&openid_configuration=`,
    );
    expect(textOf((await browser.get(`${url}/tools`)).html)).toContain('Courses open this one');
  });

  it.each(['', 'javascript:alert(1)', 'localhost:3000', 'ftp://x'])(
    'refuses the address %j',
    async (address) => {
      const [browser, page] = await open();
      expect((await browser.submit(page, '/tools/registrations', { address })).status).toBe(400);
    },
  );

  it('installs by hand, and tells what the tool must be told', async () => {
    const [browser, page] = await open('/tools/new');
    const tool = await browser.submit(page, '/tools', {
      name: 'By hand',
      target: `${house.tool.url}/launch`,
      login: `${house.tool.url}/login`,
      redirect: `${house.tool.url}/launch`,
      keys: `${house.tool.url}/keys`,
      custom: 'town=$Person.address.locality\nnonsense\nempty=',
    });
    const kept = await house.lms.store.tools.findOne({ name: 'By hand' });
    expect(kept).toMatchObject({
      installed: 'manual',
      custom: { town: '$Person.address.locality', empty: '' },
    });
    const text = textOf(tool.html);
    for (const value of [url, kept!._id, `${url}/auth`, `${url}/token`, `${url}/keys`])
      expect(text).toContain(value);
    expect(text).toContain(`--client-id ${kept!._id}`);
  });

  it('installs another tool beside the one that courses open, and lets the administrator choose it', async () => {
    const before = await house.lms.store.findSiteTool();
    const [browser, page] = await open('/tools/new');
    const fields = { target: '/launch', login: '/login', redirect: '/launch', keys: '/keys' };
    const addresses = Object.entries(fields).map(([name, path]) => [name, house.tool.url + path]);
    const tool = await browser.submit(page, '/tools', {
      ...(Object.fromEntries(addresses) as Record<string, string>),
      name: 'Another',
      custom: '',
    });
    expect(textOf(tool.html)).toContain('The tool is installed.');
    expect(textOf(tool.html)).toContain('Courses go on opening the tool they opened before.');
    expect((await house.lms.store.findSiteTool())?._id).toBe(before?._id);
    const used = await browser.press(tool, 'Let courses open this one');
    expect(textOf(used.html)).toContain('Courses open this tool from now on.');
    expect((await house.lms.store.findSiteTool())?.name).toBe('Another');
    await house.lms.store.useTool(before?._id ?? '');
  });

  it('switches a tool off and on, and says so; courses open the next meanwhile', async () => {
    const [browser, page] = await open();
    const used = await house.lms.store.findSiteTool();
    const off = await browser.submit(page, `/${used!._id}/deactivate`);
    expect(textOf(off.html)).toContain('The tool is switched off.');
    expect((await house.lms.store.findSiteTool())?._id).not.toBe(used!._id);
    const on = await browser.submit(off, `/${used!._id}/activate`);
    expect(textOf(on.html)).toContain('The tool is switched on.');
    expect((await house.lms.store.findSiteTool())?._id).toBe(used!._id);
  });
});
