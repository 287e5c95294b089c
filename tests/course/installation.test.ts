import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { textOf } from '../support/http.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.lms.addCourse('bees', 'Beekeeping');
  await house.lms.addPerson('bees', { id: 'ada', name: 'Ada Obi' });
  await house.lms.addPerson('bees', { id: 'root', name: 'Root Admin', role: 'administrator' });
  await house.open('ada', 'bees');
});
afterAll(() => house.close());
afterEach(() => house.lms.behaviour.reset());

test('an administrator of the LMS who is not in the course sees how the installation does, and no people', async () => {
  const { browser, page } = await house.open('root', 'bees');
  const text = textOf(page.html);
  expect(page.status).toBe(200);
  expect(text).toContain('Everything Peer Group needs from your LMS is there.');
  expect(text).not.toContain('Ada');
  for (const path of ['roster', 'groups', 'settings', 'group'])
    expect((await browser.get(new URL(path, page.url).href)).status).toBe(403);
});

test('what is missing is said with what to switch on', async () => {
  await house.lms.addCourse('bread', 'Bread');
  await house.lms.addPerson('bread', { id: 'root', name: 'Root Admin', role: 'administrator' });
  house.lms.behaviour.spoil = (claims) => {
    delete claims['https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice'];
    delete claims['https://purl.imsglobal.org/spec/lti-ags/claim/endpoint'];
  };
  const text = textOf((await house.open('root', 'bread')).page.html);
  expect(text).toContain('Switch on Names and Role Provisioning');
  expect(text).toContain('Switch on Assignment and Grade Services');
});
