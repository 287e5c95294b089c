import { Browser } from '../../support/http.ts';
import { NEW_COURSE } from '../../../src/demo-lms/index.ts';
import { openLms, type TestLms } from './lms.ts';

export const COURSE = `/courses/${NEW_COURSE}`;
/** Sani Shehu, of the new course. */
export const FELLOW = '1001';

/** The demo LMS as it comes, and browsers in which somebody was chosen. */
export type TestSite = TestLms & {
  readonly url: string;
  as(personId: string | null): Promise<Browser>;
  statusOf(browser: Browser, path: string): Promise<number>;
  /** What the forms made for this person carry; a fellow's pages have none that would show it. */
  tokenOf(personId: string): Promise<string>;
};

export async function openSite(): Promise<TestSite> {
  const house = await openLms('demo');
  const { url } = house.lms;
  type Session = { data: { personId: string; csrf: string } };
  const site: TestSite = {
    ...house,
    url,
    async as(personId) {
      const browser = new Browser();
      if (personId !== null) await browser.post(`${url}/person`, { person: personId });
      return browser;
    },
    statusOf: async (browser, path) => (await browser.get(url + path)).status,
    async tokenOf(personId) {
      const sessions = house.database.connection.collection<Session>('lms_secrets');
      const found = await sessions
        .find({ 'data.personId': personId, 'data.csrf': { $exists: true } })
        .sort({ until: -1 })
        .toArray();
      return found[0]?.data.csrf ?? '';
    },
  };
  return site;
}
