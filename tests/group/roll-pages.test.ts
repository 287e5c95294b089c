import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MEETUP } from '../../src/group/meetups/evidence.ts';
import type { CourseRole, CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

let site: TestSite;
let scope: CourseScope;
let people: string[];
let base: string;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  const { house } = site;
  scope = await house.begin();
  people = await Promise.all(['Ada', 'Bola', 'Chidi', 'Dayo'].map((sub) => house.fellow(scope, sub)));
  const proposalId = await house.propose(scope, [people]);
  base = `/groups/g/${proposalId}.0`;
  const { publisher, appointments } = house.group.stores;
  await publisher.publish(scope, { proposalId, by: 'm' });
  await appointments.appoint(scope, `${proposalId}.0`, person(0), 'lead', 'm');
  await appointments.appoint(scope, `${proposalId}.0`, person(1), 'deputy', 'm');
});
const person = (index: number): string => people[index] ?? '';
const ask = (
  who: 'lead' | 'deputy' | 'member' | 'manager' | 'mentor',
  target: string,
  body?: Record<string, string>,
) => {
  const roles: Record<typeof who, [CourseRole, string]> = {
    lead: ['fellow', person(0)],
    deputy: ['fellow', person(1)],
    member: ['fellow', person(2)],
    manager: ['manager', 'm'],
    mentor: ['mentor', 'mentor'],
  };
  const [role, personId] = roles[who];
  return site.ask({ scope, role, personId }, base + target, body);
};
const form = (more: Record<string, string> = {}) => ({
  ...{ title: 'Review', date: '2026-11-07', time: '16:00', minutes: '60' },
  ...{ link: 'https://discord.gg/abc', repeat: 'once', times: '4' },
  ...more,
});
const upcoming = () =>
  site.house.group.stores.meetups.upcoming(
    scope,
    base.slice('/groups/g/'.length),
    site.house.clock(),
    null,
    99,
  );
const onlyOne = async (): Promise<string> => (await upcoming())[0]?.id ?? '';

describe('the roll', () => {
  let roll: string;
  beforeEach(async () => {
    await ask('lead', '/meetups', form());
    roll = `/meetups/${await onlyOne()}/roll`;
    site.house.setClock('2026-11-07T17:00:00Z');
  });
  const marks = (...outcomes: string[]) =>
    Object.fromEntries(
      outcomes.flatMap((outcome, index) => (outcome === '' ? [] : [[`p_${person(index)}`, outcome]])),
    );
  const latest = async () => {
    const [past] = await site.house.group.stores.meetups.past(
      scope,
      base.slice('/groups/g/'.length),
      site.house.clock(),
      null,
      1,
    );
    return site.house.course.evidence.of(scope, MEETUP, past?.id ?? '');
  };

  it('is not taken before the meetup has begun', async () => {
    site.house.setClock('2026-11-07T14:59:59Z');
    const { status, html } = await ask('lead', roll);
    expect(status).toBe(409);
    expect(textOf(html)).toContain('The roll is taken once the meetup has begun.');
  });

  it('asks for each member, with nothing chosen beforehand', async () => {
    const { html } = await ask('lead', roll);
    expect(html.match(/<fieldset/g)).toHaveLength(4);
    expect(html.match(/type="radio"/g)).toHaveLength(12);
    expect(html).not.toContain(' checked');
    expect(textOf(html)).toContain('Ada Present Absent Excused');
    expect(faultsOf(html)).toEqual([]);
  });

  it('keeps nothing while somebody is not marked, and says who, with the marks kept', async () => {
    const { status, html } = await ask('lead', roll, marks('met', '', 'missed', ''));
    expect(status).toBe(422);
    expect(textOf(html)).toContain('Nothing was kept yet, because 2 are not marked: Bola, Dayo.');
    expect(html.match(/ checked/g)).toHaveLength(2);
    expect(faultsOf(html)).toEqual([]);
    expect((await latest()).size).toBe(0);
    expect(await site.house.group.stores.meetups.countHeld(scope)).toBe(0);
  });

  it('marks everybody else as present at one tap, without script', async () => {
    const { html } = await ask('lead', roll);
    expect(html).toMatch(
      /<button class="btn" name="others" value="met" formnovalidate>Everyone else was here/,
    );
    expect((await ask('lead', roll, { others: 'met', ...marks('', 'missed') })).status).toBe(303);
    const words = await latest();
    expect(people.map((personId) => words.get(personId)?.outcome)).toEqual(['met', 'missed', 'met', 'met']);
  });

  it('leaves evidence that a correction adds to, and shows each fellow how they stand', async () => {
    expect((await ask('lead', roll, marks('met', 'met', 'missed', 'excused'))).status).toBe(303);
    expect(textOf((await ask('member', '/meetups')).html)).toContain('you were absent 2 of 4 came');
    const { html } = await ask('manager', roll);
    expect(html.match(/ checked/g)).toHaveLength(4);
    expect(textOf(html)).toContain('This roll was taken Sat 7 Nov, 6:00 pm WAT. You may correct it');
    expect(html).not.toContain('name="others"');
    site.house.setClock('2026-11-08T09:00:00Z');
    expect((await ask('manager', roll, marks('met', 'met', 'met', 'excused'))).status).toBe(303);
    const words = await latest();
    expect(words.get(person(2))).toMatchObject({ outcome: 'met', revision: 2, recordedBy: 'm' });
    expect(words.get(person(0))).toMatchObject({ outcome: 'met', revision: 1, recordedBy: person(0) });
    const list = textOf((await ask('member', '/meetups')).html);
    expect(list).toContain('you were there 3 of 4 came');
    expect(list).toContain('roll taken Sun 8 Nov, 10:00 am WAT');
  });

  it('takes no mark that is none of the three', async () => {
    expect((await ask('lead', roll, marks('met', 'met', 'met', 'present'))).status).toBe(422);
  });

  it('is of those who belonged then: neither whoever joined later nor whoever had left the course', async () => {
    site.house.setClock('2026-11-07T10:00:00Z');
    await site.house.leave(scope, [person(3)]);
    site.house.setClock('2026-11-07T17:00:00Z');
    const { html } = await ask('lead', roll);
    expect(textOf(html)).not.toContain('Dayo');
    expect(html.match(/<fieldset/g)).toHaveLength(3);
  });

  it('sent twice at once is one roll', async () => {
    const said = marks('met', 'met', 'missed', 'met');
    const answers = await Promise.all([ask('lead', roll, said), ask('deputy', roll, said)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect([...(await latest()).values()].map(({ revision }) => revision)).toEqual([1, 1, 1, 1]);
  });

  it('is missed in the list, where the meetup may also be said not to have taken place', async () => {
    const words = textOf((await ask('lead', '/meetups')).html);
    expect(words).toContain('no roll yet Take the roll It did not take place');
    const mentor = textOf((await ask('mentor', '/meetups')).html);
    expect(mentor).toContain('no roll yet');
    expect(mentor).not.toContain('Take the roll');
  });
});
