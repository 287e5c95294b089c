import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';

let house: House;
let address: string;
let cookie: string;

beforeAll(async () => {
  house = await openHouse();
  await house.lms.addCourse('course');
  await house.lms.addPerson('course', { id: 'manager', name: 'Mo Manager', role: 'instructor' });
  const { browser, page } = await house.open('manager', 'course');
  address = `${page.url}roster/upload`;
  cookie = browser.cookiesFor(page.url);
});
afterAll(() => house.close());

const HEAD =
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\ncontent-type: text/csv\r\n\r\n';

/** The status of the answer, and of the next request to the same process. */
async function send(body: string, type = 'multipart/form-data; boundary=b'): Promise<[number, number]> {
  const headers = { cookie, 'content-type': type };
  const { status } = await fetch(address, { method: 'POST', headers, body, redirect: 'manual' });
  return [status, (await fetch(`${house.url}/healthz`)).status];
}

describe('A form with a file', () => {
  it.each([
    ['ends within its file', `${HEAD}id,track\n1,Data`],
    ['ends within a heading', HEAD.slice(0, 60)],
    ['has no parts', ''],
    ['has a part without a name', '--b\r\n\r\ntext\r\n--b--\r\n'],
    ['never begins', 'id,track'],
  ])('that %s is refused, and the process lives', async (_how, body) => {
    const [status, next] = await send(body);
    expect([400, 403]).toContain(status);
    expect(next).toBe(200);
  });

  it('without a boundary is refused', async () => {
    expect(await send(HEAD, 'multipart/form-data')).toEqual([400, 200]);
  });

  it('that is larger than the page takes is refused as that', async () => {
    expect(await send(`${HEAD}${'x'.repeat(8_000_001)}\r\n--b--\r\n`)).toEqual([413, 200]);
  });
});
