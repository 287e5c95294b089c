import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDemoClock, type DemoClock } from '../../src/cli/demo-clock.ts';
import { seedThirdWeek } from '../../src/cli/demo-history.ts';
import { NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from '../../src/demo-lms/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Browser, type Page, textOf } from '../support/http.ts';

const DAY_MS = 24 * 3_600_000;
const clock = createDemoClock();
let house: House;
beforeAll(async () => {
  house = await openHouse({ seed: 'demo', clock: clock.now });
});
afterAll(() => house.close());

/** A clock that ends the filling, as a crash would, when it is set for the n-th time. */
function breaking(n: number): DemoClock {
  let times = 0;
  return {
    ...clock,
    travel(to) {
      times += 1;
      if (times === n) throw new Error('killed');
      clock.travel(to);
    },
  };
}

async function open(personId: string, path: string): Promise<{ browser: Browser; page: Page; text: string }> {
  const { browser, page: first } = await house.open(personId, THIRD_WEEK_COURSE);
  const launch = /^.+\/l\/[^/]+/.exec(first.url)?.[0] ?? '';
  const page = await browser.get(launch + path);
  return { browser, page, text: textOf(page.html) };
}

describe('the course in its third week', () => {
  it('is finished by the next start, wherever the last one was cut short', async () => {
    for (const n of [1, 2, 3, 4, 7, 12, 13, 14, 16, 20, 21])
      await expect(seedThirdWeek(house.services, house.lms, breaking(n))).rejects.toThrow('killed');
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1_000);
    await seedThirdWeek(house.services, house.lms, clock);
    const { text } = await open(PEOPLE.manager, '/');
    const groups = await house.database.connection.collection('groups').countDocuments({});
    expect(text).toMatch(
      new RegExp(`People 44 .*Placed 44 .*Meetups held ${2 * groups - 1} .*Grades posted 4\\d 1 held`),
    );
    expect(await house.lms.store.lineItems.countDocuments({})).toBe(1);
    expect(await house.lms.store.grades.countDocuments({})).toBeGreaterThan(40);
  }, 600_000);

  it('is left alone from then on', async () => {
    const travelled: Date[] = [];
    const watching = { ...clock, travel: (to: Date) => void travelled.push(to) };
    await seedThirdWeek(house.services, house.lms, watching);
    expect(travelled).toEqual([]);
  });

  it('names Peer Leads and Deputies on the start page of the LMS', async () => {
    const offices = house.lms.store.enrolments;
    const groups = await house.database.connection.collection('groups').countDocuments({});
    expect(await offices.countDocuments({ courseId: THIRD_WEEK_COURSE, office: 'lead' })).toBe(groups);
    expect(await offices.countDocuments({ courseId: THIRD_WEEK_COURSE, office: 'deputy' })).toBe(groups);
  });

  it('knows its mentor as one, though the roster lists them as Learner', async () => {
    const { text } = await open(PEOPLE.manager, '/roster?q=Maryam');
    expect(text).toMatch(/Maryam Bello.*Mentor/);
  });

  it('shows a Peer Lead their group: past meetups with their rolls, one to come, a score with its receipt', async () => {
    const lead = await house.lms.store.enrolments.findOne(
      { courseId: THIRD_WEEK_COURSE, office: 'lead' },
      { sort: { order: 1 } },
    );
    const group = await open(lead?.personId ?? '', '/group');
    expect(group.text).toContain('Peer Lead');
    const meetups = await open(lead?.personId ?? '', '/group/meetups');
    for (const title of ['Getting to know each other', 'Our first exercise, together', 'Where we are stuck'])
      expect(meetups.text).toContain(title);
    const receipt = await open(lead?.personId ?? '', '/me/participation');
    expect(receipt.text).toContain('Getting to know each other');
  });

  it('holds the grade that staff changed', async () => {
    const { text } = await open(PEOPLE.manager, '/grades?show=held');
    expect(text).toMatch(/The LMS shows 90/);
    const changed = await house.lms.store.grades.findOne({ courseId: THIRD_WEEK_COURSE, overridden: true });
    expect(changed).toMatchObject({ score: 90, toolScore: 100 });
  });

  it('has groups that are in their third week, and rolls taken on the day', async () => {
    const { connection } = house.database;
    const memberships = await connection.collection<{ from: Date }>('memberships').find({}).toArray();
    expect(memberships).toHaveLength(44);
    for (const { from } of memberships) {
      const days = (Date.now() - from.getTime()) / DAY_MS;
      expect([days > 14, days < 21]).toEqual([true, true]);
    }
    type Row = { startsAt: Date; rollTakenAt?: Date | null };
    const meetups = await connection.collection<Row>('meetups').find({}).toArray();
    const groups = await connection.collection('groups').countDocuments({});
    expect(meetups).toHaveLength(3 * groups);
    expect(meetups.filter(({ startsAt }) => startsAt > new Date())).toHaveLength(groups);
    const taken = meetups.flatMap(({ startsAt, rollTakenAt }) =>
      rollTakenAt instanceof Date ? [rollTakenAt.getTime() - startsAt.getTime()] : [],
    );
    expect(taken).toHaveLength(2 * groups - 1);
    expect(Math.max(...taken)).toBeLessThan(DAY_MS / 4);
  });

  it('has each roll taken by somebody who was there, or by the Community Manager', async () => {
    const { connection } = house.database;
    const held = await connection
      .collection<{ _id: string; rollTakenBy: string }>('meetups')
      .find({ rollTakenAt: { $ne: null } })
      .toArray();
    const missed = await connection
      .collection('evidence')
      .find({ outcome: { $ne: 'met' } })
      .toArray();
    const absent = new Set(missed.map((row) => `${String(row['opportunityId'])} ${String(row['personId'])}`));
    expect(absent.size).toBeGreaterThan(0);
    expect(held.filter(({ _id, rollTakenBy }) => absent.has(`${_id} ${rollTakenBy}`))).toEqual([]);
  });

  it('leaves the new course as it is, but for its mentor, who has opened the tool', async () => {
    const { page } = await house.open(PEOPLE.manager, NEW_COURSE);
    expect(textOf(page.html)).toMatch(/People 0 .*Placed 0 /);
  });
});
