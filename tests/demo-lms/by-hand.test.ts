import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { platformsCommand } from '../../src/cli/platforms.ts';
import { PEOPLE } from '../../src/demo-lms/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { Browser, type Page, textOf } from '../support/http.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ seed: 'demo' });
});
afterAll(() => house.close());

/** A value of the tool's page for installing by hand. */
const valueOf = ({ html }: Page, id: string): string =>
  new RegExp(`id="${id}" value="([^"]*)"`).exec(html)?.[1] ?? '';

test('the tool is installed by hand with the values that either side shows, and then opens', async () => {
  const administrator = new Browser();
  await administrator.post(`${house.lms.url}/person`, { person: PEOPLE.administrator });
  const form = await administrator.get(`${house.lms.url}/tools/new`);
  const theirs = await administrator.follow(form, 'Open that page in a new window');
  expect(theirs.url).toBe(`${house.url}/lti/register`);
  const shown = await administrator.press(form, 'Save', {
    name: 'Peer Group by hand',
    target: valueOf(theirs, 'tool_url'),
    login: valueOf(theirs, 'login_url'),
    redirect: valueOf(theirs, 'redirect_url'),
    keys: valueOf(theirs, 'keys_url'),
    custom: '',
  });
  expect(textOf(shown.html)).toContain('What the tool must be told');

  const [, command = ''] = /<pre><code>([^<]+)</.exec(shown.html) ?? [];
  const [program, args] = [command.split(' -- ')[0], (command.split(' -- ')[1] ?? '').split(' ')];
  expect(program).toBe('npm run platforms');
  const printed: string[] = [];
  const code = await platformsCommand(args, {
    door: house.services.door,
    invitationAddress: () => '',
    words: (reason) => reason,
    allowPrivateNetwork: true,
    print: (line) => void printed.push(line),
    printError: (line) => void printed.push(line),
  });
  expect([code, printed]).toEqual([0, [expect.stringContaining('Registered.')]]);

  await administrator.press(shown, 'Let courses open this one');
  const { page } = await house.open(PEOPLE.manager, 'cohort-4');
  expect(textOf(page.html)).toContain('Welcome, Chidi');
});
