import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LtiConfig } from '../../../src/config.ts';
import {
  createRosterSource,
  ROSTER_LIMITS,
  type RosterLimits,
} from '../../../src/lti/services/roster-source.ts';
import type { RosterMember } from '../../../src/lti/types.ts';
import { refusal, type ScriptedPlatform, startScriptedPlatform } from './support/scripted-platform.ts';

const config = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../lti-config.json'), 'utf8'),
) as LtiConfig;
const MEMBERSHIP = 'http://purl.imsglobal.org/vocab/lis/v2/membership';
const MOODLE = '/mod/lti/services.php/CourseSection/2/bindings/1/memberships';

let lms: ScriptedPlatform;
beforeEach(async () => {
  lms = await startScriptedPlatform();
});
afterEach(() => lms.close());

async function read(address = '/members'): Promise<RosterMember[]> {
  const members: RosterMember[] = [];
  const source = createRosterSource(lms.client, config.roles);
  for await (const page of source.members(lms.platform.id, lms.url + address)) members.push(...page);
  return members;
}
const member = (id: string | number, change: object = {}) => ({
  user_id: id,
  roles: ['Learner'],
  ...change,
});
const crowd = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => member(String(from + index)));
/** Scripts one page; `next` is the address of the following one. */
function page(address: string, members: unknown, next?: string): void {
  const link = next === undefined ? {} : { link: `<${next}>; rel="next"` };
  lms.script(`GET ${address}`, { headers: link, body: { id: address, members } });
}

describe("Moodle's recorded roster", () => {
  test('comes whole in one answer, asked for without a limit and with one media type', async () => {
    const [recording] = lms.replay('nrps-all');
    const members = await read(MOODLE);
    const recorded = (recording?.body as { members: { user_id: string }[] }).members;
    expect(members.map(({ sub }) => sub)).toEqual(recorded.map(({ user_id: id }) => id));
    expect(lms.calls()).toEqual([`GET ${MOODLE}`]);
    expect(lms.asked.at(-1)?.headers.accept).toBe('application/vnd.ims.lti-nrps.v2.membershipcontainer+json');
    expect(members[0]).toEqual({
      sub: '5',
      role: 'learner',
      testUser: false,
      status: 'active',
      name: 'Fellow001 Fellow',
      givenName: 'Fellow001',
      familyName: 'Fellow',
      email: 'fellow001@example.com',
    });
  });

  test('in pages is followed by its own next links, which lead on with their query', async () => {
    lms.replay('nrps-limit10');
    page(`${MOODLE}?limit=10&from=10`, crowd(15, 3));
    expect(await read(`${MOODLE}?limit=10`)).toHaveLength(13);
  });

  test('with message sections reads like one without', async () => {
    lms.replay('nrps-rlid');
    page(`${MOODLE}?limit=2&from=2&rlid=1`, []);
    expect(await read(`${MOODLE}?limit=2&rlid=1`)).toHaveLength(2);
  });
});

describe('A member', () => {
  const one = async (change: object): Promise<RosterMember | undefined> => {
    page('/members', [member('1', change)]);
    return (await read())[0];
  };
  test.each([
    [{}, 'active'],
    [{ status: 'Active' }, 'active'],
    [{ status: null }, 'active'],
    [{ status: 'Inactive' }, 'inactive'],
    [{ status: 'Deleted' }, 'deleted'],
    [{ status: 'Suspended' }, 'inactive'],
    [{ status: 7 }, 'inactive'],
  ])('with %j is %s', async (change, expected) => {
    expect((await one(change))?.status).toBe(expected);
  });

  test.each([
    [['Instructor'], 'instructor'],
    [[`${MEMBERSHIP}#Learner`], 'learner'],
    [[`${MEMBERSHIP}/Instructor#TeachingAssistant`, `${MEMBERSHIP}#Instructor`], 'mentor'],
    [[], 'none'],
    [null, 'none'],
  ])('with roles %j is %s', async (roles, expected) => {
    expect((await one({ roles }))?.role).toBe(expected);
  });

  test('that is a preview user is marked', async () => {
    const roles = [`${MEMBERSHIP}#Learner`, 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser'];
    expect((await one({ roles }))?.testUser).toBe(true);
  });

  test('whose name is withheld has none, and whose parts alone are given has their sum', async () => {
    expect((await one({}))?.name).toBeNull();
    expect((await one({ name: '', given_name: 'Ada', family_name: 'Obi' }))?.name).toBe('Ada Obi');
  });

  test("with Moodle's escaped name reads as it is written", async () => {
    expect((await one({ name: 'Chinedu O&#039;Neil &amp; Co' }))?.name).toBe("Chinedu O'Neil & Co");
  });

  test('may have a number as id, a message object and oddities in what we do not need', async () => {
    page('/members', [member(42, { message: { a: 1 }, email: 7, name: ['x'] })]);
    expect(await read()).toMatchObject([{ sub: '42', email: null, name: null }]);
  });
});

describe('A roster in pages', () => {
  test("keeps the address's own query (Blackboard's placement_id) and follows a relative next", async () => {
    page('/members?placement_id=9', crowd(1, 2), '?placement_id=9&page=2');
    page('/members?placement_id=9&page=2', crowd(3, 1));
    expect(await read('/members?placement_id=9')).toHaveLength(3);
  });

  test('over 40 pages with long links comes whole', async () => {
    const tail = 'x'.repeat(4_000);
    for (let number = 0; number < 40; number += 1) {
      const address = number === 0 ? '/members' : `/members?c=${number}${tail}`;
      const next = number === 39 ? undefined : `${lms.url}/members?c=${number + 1}${tail}`;
      page(address, crowd(number * 50, 50), next);
    }
    expect(await read()).toHaveLength(2_000);
  });

  test('survives a page that fails for a moment', async () => {
    page('/members', crowd(1, 2), '/members?page=2');
    lms.script('GET /members?page=2', { status: 502 }, { body: { members: crowd(3, 2) } });
    expect(await read()).toHaveLength(4);
  });

  test('whose last, partly filled page links to itself is whole (Schoology)', async () => {
    page('/members', crowd(0, 100), '/members?start=100');
    page('/members?start=100', crowd(100, 37), '/members?start=100');
    expect(await read()).toHaveLength(137);
  });

  test('whose last, partly filled page comes again under another address is not doubled', async () => {
    page('/members', crowd(0, 37), '/members?start=100');
    page('/members?start=100', crowd(0, 37));
    expect(await read()).toHaveLength(37);
  });

  test.each([
    ['links to itself', '/members'],
    ['comes again under another address', '/members?start=100'],
  ])('whose full page %s is an error, since people may be missing', async (_title, next) => {
    page('/members', crowd(0, 100), next);
    page('/members?start=100', crowd(0, 100));
    expect(await refusal(read())).toBe('permanent roster_repeats');
  });

  test('that leads in a circle is an error', async () => {
    page('/members', crowd(0, 100), '/members?b');
    page('/members?b', crowd(100, 100), '/members');
    expect(await refusal(read())).toBe('permanent roster_repeats');
  });

  test('that leads to another host is an error, and the token does not go there', async () => {
    const other = await startScriptedPlatform();
    page('/members', crowd(0, 2), `${other.url}/members`);
    expect(await refusal(read())).toBe('permanent roster_next_foreign');
    expect(other.asked).toHaveLength(0);
    await other.close();
  });

  test('without an end is an error, never a short roster', async () => {
    for (let number = 0; number < 6_001; number += 1) {
      page(number === 0 ? '/members' : `/members?p=${number}`, [], `/members?p=${number + 1}`);
    }
    expect(await refusal(read())).toBe('permanent roster_too_many_pages');
  });
});

describe('A roster that is longer than any may be', () => {
  const small = (limits: Partial<RosterLimits>) =>
    refusal(
      (async () => {
        const source = createRosterSource(lms.client, config.roles, { ...ROSTER_LIMITS, ...limits });
        for await (const _page of source.members(lms.platform.id, `${lms.url}/members`));
      })(),
    );

  test('is an error with a reason of its own: in people, in bytes, in pages', async () => {
    page('/members', crowd(0, 3), '/members?p=1');
    page('/members?p=1', crowd(3, 3), '/members?p=2');
    page('/members?p=2', crowd(6, 1));
    expect(await small({ people: 6 })).toBe('permanent roster_too_many_people');
    expect(await small({ bytes: 100 })).toBe('permanent roster_too_large');
    expect(await small({ pages: 2 })).toBe('permanent roster_too_many_pages');
  });

  test('is read whole where it is just as long as it may be', async () => {
    page('/members', crowd(0, 3), '/members?p=1');
    page('/members?p=1', crowd(3, 3));
    expect(await small({ people: 6, pages: 2 })).toBe('none');
  });

  test('begins beyond the largest cohort there is: 300,000 people, at 50 a page', () => {
    expect(ROSTER_LIMITS.people).toBeGreaterThan(300_000);
    expect(ROSTER_LIMITS.pages * 50).toBeGreaterThanOrEqual(300_000);
    expect(ROSTER_LIMITS.bytes).toBeGreaterThan(300_000 * 300);
  });
});

describe('An answer that is no roster', () => {
  test.each([
    ['members missing', { id: 'x' }],
    ['members not a list', { members: {} }],
    ['a member without an id', { members: [{ roles: ['Learner'] }] }],
    ['not JSON', '<html>'],
  ])('(%s) is an error, never a short roster', async (_title, body) => {
    lms.script('GET /members', { body });
    expect(await refusal(read())).toBe('permanent roster_malformed');
  });

  test('an empty list is an empty roster, for a person to judge', async () => {
    page('/members', []);
    expect(await read()).toEqual([]);
  });

  test("Open edX's refusal of large courses is said at once", async () => {
    lms.script('GET /members', { status: 403, body: { error: 'above_response_limit' } });
    expect(await refusal(read())).toBe('permanent service_forbidden');
    expect(lms.calls()).toHaveLength(1);
  });
});
