import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { type Class, classOf } from './support/classes.ts';
import { openSchool, type School } from './support/school.ts';

const PLACE = { track: 'DevOps', state: 'Kano', lga: 'Dala', zone: 'North West', country: 'Nigeria' };
let school: School;
let course: Class;
beforeAll(async () => {
  school = await openSchool();
  course = await classOf(school, 60);
  await course.sync();
  const { profiles } = school.course;
  const [own = '', csv = ''] = course.ids.map((id) => course.personId(id));
  await profiles.tell(course.scope, [{ personId: own, told: PLACE }], 'form');
  await profiles.tell(course.scope, [{ personId: csv, told: PLACE }], 'csv');
});
afterAll(() => school.close());

/** The people whom a page lists, by the addresses of their pages. */
const listed = (html: string): string[] =>
  [...html.matchAll(/\/roster\/people\/([\w.-]+)"/g)].map(([, personId = '']) => personId);
const idOf = (index: number): string => course.personId(course.ids[index] ?? '');

describe('The roster', () => {
  it('lists who entered something themselves, and says where track and place come from', async () => {
    const upload = await course.manager.get('/roster/upload');
    expect(upload.html).toContain('/roster?show=own"');
    const { html, text } = await course.manager.get('/roster?show=own');
    expect(listed(html)).toEqual([idOf(0)]);
    expect(text).toContain('DevOps Dala, Kano entered by the fellow');
    expect((await course.manager.get('/roster')).text).toContain('DevOps Dala, Kano from a CSV');
  });

  it('lists whose track or place is not known, page after page, each once', async () => {
    const seen: string[] = [];
    for (let target = '/roster?show=unknown'; target !== '';) {
      const { html } = await course.manager.get(target);
      seen.push(...listed(html));
      target =
        /class="btn" href="[^"]*(\/roster\?[^"]*after=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ??
        '';
    }
    expect(seen.toSorted()).toEqual(
      course.ids
        .slice(2)
        .map((id) => course.personId(id))
        .toSorted(),
    );
  });

  it('tells who is in a group and who is not, in the list and on the person page', async () => {
    const group = { id: newId(), name: 'Kano Builders', nameFolded: 'kano builders' };
    const { courses } = school.course;
    const { groups } = school.house.services.group;
    const publishing = { publishId: newId(), version: 1, count: 1, checksum: '' };
    const from = new Date();
    await courses.bindPublish(course.scope, 0, publishing);
    await groups.insertGroups(course.scope, [
      {
        ...{ ...group, courseId: course.scope.courseId, track: 'DevOps', place: 'Dala, Kano', rung: 'lga' },
        ...{
          why: { needed: 4, here: 4, lower: [] },
          timeZone: 'Africa/Lagos',
          fromVersion: 1,
          createdAt: from,
        },
      },
    ]);
    await groups.openMemberships(course.scope, 1, [
      { personId: idOf(0), groupId: group.id, guest: false, from },
    ]);
    await courses.flipVersion(course.scope, publishing);
    const grouped = await course.manager.get('/roster?show=grouped');
    expect(listed(grouped.html)).toEqual([idOf(0)]);
    expect(grouped.text).toContain('Kano Builders');
    expect(listed((await course.manager.get('/roster?show=ungrouped')).html)).not.toContain(idOf(0));
    expect((await course.manager.get(`/roster/people/${idOf(0)}`)).text).toContain('Group Kano Builders');
    expect((await course.manager.get(`/roster/people/${idOf(1)}`)).text).toContain('Group no group');
  });

  it('tells a state from an area of the same name', async () => {
    const told = { track: 'DevOps', zone: 'North Central', country: 'Nigeria', state: 'Nasarawa' };
    const people = [
      { personId: idOf(10), told: { ...told, lga: null } },
      { personId: idOf(11), told: { ...told, lga: 'Nasarawa' } },
    ];
    await school.course.profiles.tell(course.scope, people, 'csv');
    const text = (await course.manager.get('/roster')).text;
    expect(text).toContain('Nasarawa (state), North Central');
    expect(text).toContain('Nasarawa, Nasarawa');
    expect((await course.manager.get(`/roster/people/${idOf(10)}`)).text).toContain('Nasarawa (state)');
  });

  it('says of somebody who left that they did', async () => {
    await school.house.lms.suspend(course.name, course.ids[5] ?? '');
    await course.sync();
    expect((await course.manager.get(`/roster/people/${idOf(5)}`)).text).toContain(
      'This person left the course on',
    );
    expect((await course.manager.get('/roster?show=left')).text).toMatch(/Fellow left /);
  });

  it('names nobody in an address: neither a page nor a search does', async () => {
    const first = await course.manager.get('/roster');
    const found = await course.manager.post('/roster/find', { q: 'fellow' });
    for (const { html } of [first, found]) {
      expect(html).toContain('Next');
      for (const [, address = ''] of html.matchAll(/(?:href|action)="([^"]*)"/g))
        expect(decodeURIComponent(address)).not.toMatch(/fellow class|q=/);
    }
    const after = /name="after" value="([^"]+)"/.exec(found.html)?.[1] ?? '';
    const next = await course.manager.post('/roster/find', { q: 'fellow', after });
    expect(next.status).toBe(200);
    expect(listed(next.html)).toHaveLength(9);
    expect(listed(next.html)).not.toContain(listed(found.html)[0]);
  });
});
