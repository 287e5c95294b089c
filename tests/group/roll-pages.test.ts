import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MEETUP } from '../../src/group/meetups/evidence.ts';
import { textOf } from '../support/http.ts';
import { form, type LedGroup, openLedGroup } from './led-group.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

let site: TestSite;
let group: LedGroup;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  group = await openLedGroup(site);
});

describe('the roll', () => {
  let roll: string;
  beforeEach(async () => {
    await group.ask('lead', '/meetups', form());
    roll = `/meetups/${await group.onlyOne()}/roll`;
    site.house.setClock('2026-11-07T17:00:00Z');
  });
  const marks = (...outcomes: string[]) =>
    Object.fromEntries(
      outcomes.flatMap((outcome, index) => (outcome === '' ? [] : [[`p_${group.person(index)}`, outcome]])),
    );
  const latest = async () => {
    const [past] = await site.house.group.stores.meetups.past(
      group.scope,
      group.base.slice('/groups/g/'.length),
      site.house.clock(),
      null,
      1,
    );
    return site.house.course.evidence.of(group.scope, MEETUP, past?.id ?? '');
  };

  it('is not taken before the meetup has begun', async () => {
    site.house.setClock('2026-11-07T14:59:59Z');
    const { status, html } = await group.ask('lead', roll);
    expect(status).toBe(409);
    expect(textOf(html)).toContain(
      'It is too early for the roll You can take the roll once the meetup has begun.',
    );
    expect(textOf(html)).not.toContain('Something changed');
  });

  it('asks for each member, with nothing chosen beforehand', async () => {
    const { html } = await group.ask('lead', roll);
    expect(html.match(/<fieldset/g)).toHaveLength(4);
    expect(html.match(/type="radio"/g)).toHaveLength(12);
    expect(html).not.toContain(' checked');
    expect(textOf(html)).toContain('Ada Present Absent Excused');
    expect(faultsOf(html)).toEqual([]);
  });

  it('keeps nothing while somebody is not marked, and says who, with the marks kept', async () => {
    const { status, html } = await group.ask('lead', roll, marks('met', '', 'missed', ''));
    expect(status).toBe(422);
    expect(textOf(html)).toContain('Nothing was saved yet, because 2 people are not marked: Bola, Dayo.');
    expect(html.match(/ checked/g)).toHaveLength(2);
    expect(faultsOf(html)).toEqual([]);
    expect((await latest()).size).toBe(0);
    expect(await site.house.group.stores.meetups.countHeld(group.scope)).toBe(0);
  });

  it('marks everybody else as present at one tap, without script', async () => {
    const { html } = await group.ask('lead', roll);
    expect(html).toMatch(
      /<button class="btn" name="others" value="met" formnovalidate>Everyone else was here/,
    );
    expect((await group.ask('lead', roll, { others: 'met', ...marks('', 'missed') })).status).toBe(303);
    const words = await latest();
    expect(group.people.map((personId) => words.get(personId)?.outcome)).toEqual([
      'met',
      'missed',
      'met',
      'met',
    ]);
  });

  it('leaves evidence that a correction adds to, and shows each fellow how they stand', async () => {
    const first = await group.ask('lead', roll, marks('met', 'met', 'missed', 'excused'));
    expect(first.to).toBe(`${group.base}/meetups?done=roll_saved`);
    expect(textOf((await group.ask('member', '/meetups')).html)).toContain('you were absent 2 of 4 came');
    const { html } = await group.ask('manager', roll);
    expect(html.match(/ checked/g)).toHaveLength(4);
    expect(textOf(html)).toContain('This roll was taken Sat 7 Nov, 6:00 pm WAT. You can correct it');
    expect(html).not.toContain('name="others"');
    site.house.setClock('2026-11-08T09:00:00Z');
    const second = await group.ask('manager', roll, marks('met', 'met', 'met', 'excused'));
    expect(second.to).toBe(`${group.base}/meetups?done=roll_corrected`);
    const words = await latest();
    expect(words.get(group.person(2))).toMatchObject({
      outcome: 'met',
      revision: 2,
      recordedBy: group.managerId,
    });
    expect(words.get(group.person(0))).toMatchObject({
      outcome: 'met',
      revision: 1,
      recordedBy: group.person(0),
    });
    const list = textOf((await group.ask('member', '/meetups')).html);
    expect(list).toContain('you were there 3 of 4 came');
    expect(list).toContain(
      'Roll taken by Ada, Sat 7 Nov, 6:00 pm WAT Corrected by Mo Manager, Sun 8 Nov, 10:00 am WAT',
    );
    await group.ask('deputy', roll, marks('met', 'met', 'met', 'excused'));
    expect(textOf((await group.ask('member', '/meetups')).html)).toContain(
      'Corrected by Mo Manager, Sun 8 Nov',
    );
  });

  it('takes no mark that is none of the three', async () => {
    expect((await group.ask('lead', roll, marks('met', 'met', 'met', 'present'))).status).toBe(422);
  });

  it('is of those who belonged then: neither whoever joined later nor whoever had left the course', async () => {
    site.house.setClock('2026-11-07T10:00:00Z');
    await site.house.leave(group.scope, [group.person(3)]);
    site.house.setClock('2026-11-07T17:00:00Z');
    const { html } = await group.ask('lead', roll);
    expect(textOf(html)).not.toContain('Dayo');
    expect(html.match(/<fieldset/g)).toHaveLength(3);
  });

  it('sent twice at once is one roll', async () => {
    const said = marks('met', 'met', 'missed', 'met');
    const answers = await Promise.all([group.ask('lead', roll, said), group.ask('deputy', roll, said)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect([...(await latest()).values()].map(({ revision }) => revision)).toEqual([1, 1, 1, 1]);
  });

  it('is missed in the list, where the meetup may also be said not to have taken place', async () => {
    const words = textOf((await group.ask('lead', '/meetups')).html);
    expect(words).toContain('no roll yet Take the roll It did not take place');
    const mentor = textOf((await group.ask('mentor', '/meetups')).html);
    expect(mentor).toContain('no roll yet');
    expect(mentor).not.toContain('Take the roll');
  });
});
