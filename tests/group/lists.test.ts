import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { MAX_VERSION } from '../../src/group/groups/groups.model.ts';
import type { Group } from '../../src/group/groups/groups.store.ts';
import type { CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

const GROUPS = 600;
const MEMBERS = 50;
const NOW = new Date('2026-11-02T08:00:00Z');

let site: TestSite;
let scope: CourseScope;

/** A course of full size, written straight into the database: what is measured is reading. */
beforeAll(async () => {
  site = await openSite();
  scope = await site.house.begin();
  const { courseId } = scope;
  const collection = (name: string) => site.house.database.connection.collection<{ _id: string }>(name);
  const groups = Array.from({ length: GROUPS }, (_, index) => ({
    ...{ _id: `${courseId}-g${index}`, courseId, track: 'DevOps', place: 'Ikeja', rung: 'lga' },
    ...{ name: `Group ${index}`, nameFolded: `group ${String(index).padStart(4, '0')}` },
    ...{ why: { needed: 4, here: 4, lower: [] }, timeZone: 'Africa/Lagos', fromVersion: 1, createdAt: NOW },
  }));
  const memberships = groups.flatMap(({ _id: groupId }, group) =>
    Array.from({ length: MEMBERS }, (_, index) => ({
      ...{ _id: `${courseId}-m${group}-${index}`, courseId, personId: `p${group}-${index}`, groupId },
      ...{ guest: false, fromVersion: 1, untilVersion: MAX_VERSION, from: NOW, until: null },
    })),
  );
  await collection('groups').insertMany(groups);
  for (let start = 0; start < memberships.length; start += 5_000)
    await collection('memberships').insertMany(memberships.slice(start, start + 5_000));
  const meetups = groups.flatMap(({ _id: groupId }, group) =>
    [1, 2].map((week) => ({
      ...{
        _id: `${courseId}-t${group}-${week}`,
        courseId,
        groupId,
        formKey: 'f',
        ordinal: week,
        title: 'Review',
      },
      startsAt: new Date(NOW.getTime() + week * 604_800_000),
      endsAt: new Date(NOW.getTime() + week * 604_800_000 + 3_600_000),
      ...{ link: 'https://discord.gg/a', channel: 'Discord', state: 'planned', plannedBy: 'p' },
      ...{ rollBegunAt: null, rollTakenAt: null, rollTakenBy: null, counts: null },
    })),
  );
  await collection('meetups').insertMany(meetups);
  const ada = await site.house.fellow(scope, 'Ada Obi');
  await collection('memberships').updateOne({ _id: `${courseId}-m300-0` }, { $set: { personId: ada } });
  await collection('courses').updateOne({ _id: courseId }, { $set: { groupsVersion: 1 } });
});
afterAll(() => site.close());

type Asked = {
  readonly collection: string;
  readonly filter: object;
  readonly options: Record<string, unknown>;
};
/** What the database was asked to find while this ran. */
async function askedIn(work: () => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = [];
  const { connection } = site.house.database;
  connection.set(
    'debug',
    (collection: string, method: string, filter: object, options: Record<string, unknown> = {}) => {
      if (method === 'find' || method === 'findOne' || method === 'countDocuments')
        asked.push({ collection, filter, options });
    },
  );
  await work();
  connection.set('debug', false);
  return asked;
}
type Plan = { readonly stage: string; readonly inputStage?: Plan; readonly inputStages?: readonly Plan[] };
const stagesOf = (plan: Plan): string[] => [
  plan.stage,
  ...(plan.inputStage === undefined ? [] : stagesOf(plan.inputStage)),
  ...(plan.inputStages ?? []).flatMap(stagesOf),
];
/** How a query is done: its stages, and how many index entries and rows it looks at. */
async function explain({ collection, filter, options }: Asked) {
  let cursor = site.house.database.connection.collection(collection).find(filter);
  if (options['sort'] !== undefined) cursor = cursor.sort(options['sort'] as Record<string, 1 | -1>);
  if (options['limit'] !== undefined) cursor = cursor.limit(options['limit'] as number);
  const { queryPlanner, executionStats } = (await cursor.explain('executionStats')) as {
    queryPlanner: { winningPlan: Plan };
    executionStats: { totalKeysExamined: number; totalDocsExamined: number };
  };
  return {
    stages: stagesOf(queryPlanner.winningPlan),
    keys: executionStats.totalKeysExamined,
    rows: executionStats.totalDocsExamined,
  };
}
const key = (index: number) => ({
  nameFolded: `group ${String(index).padStart(4, '0')}`,
  id: `${scope.courseId}-g${index}`,
});

describe('a list of 600 groups with 30,000 members', () => {
  it.each([0, 300, 548])('reads a page behind group %d without reading those before it', async (index) => {
    const { groups } = site.house.group.stores;
    const [asked] = await askedIn(() => groups.list(scope, 1, null, key(index), 51));
    const how = await explain(asked as Asked);
    expect(how.stages).not.toContain('COLLSCAN');
    expect(how.stages).not.toContain('SORT');
    expect(how.keys).toBeLessThanOrEqual(53);
    expect(how.rows).toBeLessThanOrEqual(53);
  });

  it("reads a person's and a group's members, and a group's next meetups, by an index", async () => {
    const { groups, meetups } = site.house.group.stores;
    const groupId = `${scope.courseId}-g7`;
    const asked = await askedIn(async () => {
      await groups.membershipOf(scope, 1, 'p7-3');
      await groups.membersOf(scope, 1, [groupId]);
      await groups.membersAtTime(scope, 1, groupId, NOW);
      await groups.find(scope, 1, groupId);
      await meetups.nextOf(scope, [groupId], NOW);
      await meetups.upcoming(scope, groupId, NOW, { startsAt: NOW, id: 'm' }, 21);
      await meetups.past(scope, groupId, NOW, { startsAt: NOW, id: 'm' }, 21);
    });
    expect(asked).toHaveLength(7);
    for (const one of asked) {
      const how = await explain(one);
      expect(how.stages).not.toContain('COLLSCAN');
      expect(how.keys).toBeLessThanOrEqual(MEMBERS + 2);
    }
  });

  it('reads members by indexes that a publish does not move rows in, so that none is missed', async () => {
    const { groups } = site.house.group.stores;
    const groupId = `${scope.courseId}-g7`;
    const asked = await askedIn(async () => {
      await groups.places(scope, 1);
      await groups.countPlaced(scope, 1);
      await groups.membershipsOf(scope, 1, ['p7-3', 'p8-3']);
      await groups.membersOf(scope, 1, [groupId]);
      await groups.historyOf(scope, 1, ['p7-3']);
    });
    for (const { options } of asked) {
      expect(options['hint']).toBeDefined();
      expect(options['hint']).not.toHaveProperty('untilVersion');
    }
    expect(asked).toHaveLength(5);
  });

  it('shows every group once, page after page', async () => {
    const seen: string[] = [];
    let target: string | undefined = '/groups/list';
    let lastPage = target;
    while (target !== undefined) {
      const { html } = await site.ask({ scope, role: 'mentor', personId: 'm' }, target);
      if (seen.length === 0) {
        expect(textOf(html)).toContain('600 groups are published.');
        expect(faultsOf(html)).toEqual([]);
      }
      seen.push(...[...html.matchAll(/<th scope="row"><a[^>]*>([^<]+)/g)].map(([, name = '']) => name));
      const link: string | undefined = /href="\/l\/launch(\/groups\/list\?[^"]*after=[^"]*)/.exec(html)?.[1];
      lastPage = target;
      target = link?.replaceAll('&amp;', '&');
    }
    expect(seen).toHaveLength(GROUPS);
    // And back again, from the last page.
    const back: string[] = [];
    for (let at: string | undefined = lastPage; at !== undefined;) {
      const { html } = await site.ask({ scope, role: 'mentor', personId: 'm' }, at);
      back.unshift(...[...html.matchAll(/<th scope="row"><a[^>]*>([^<]+)/g)].map(([, name = '']) => name));
      const link: string | undefined = /href="\/l\/launch(\/groups\/list\?[^"]*before=[^"]*)/.exec(html)?.[1];
      at = link?.replaceAll('&amp;', '&');
    }
    expect(back).toEqual(seen);
    expect(new Set(seen).size).toBe(GROUPS);
  });

  it('finds a group by a part of its name, and by the name of a member', async () => {
    const namesIn = async (search: string) => {
      const { html } = await site.ask({ scope, role: 'manager', personId: 'm' }, '/groups/find', {
        q: search,
      });
      expect(html).not.toMatch(/(href|action)="[^"]*obi/);
      return [...html.matchAll(/<th scope="row"><a[^>]*>([^<]+)/g)].map(([, name = '']) => name);
    };
    expect(await namesIn('0599')).toEqual(['Group 599']);
    expect(await namesIn('obi')).toEqual(['Group 300']);
    expect(await namesIn('nothing at all')).toEqual([]);
    expect(await namesIn('.*')).toEqual([]);
  });

  it('keeps groups of a version that readers do not see out of list, count and search', async () => {
    const { groups } = site.house.group.stores;
    const hidden: Group = {
      ...{
        id: newId(),
        courseId: scope.courseId,
        name: 'Aaa',
        nameFolded: 'aaa',
        track: 'T',
        place: 'P',
        rung: 'lga',
      },
      ...{ why: { needed: 4, here: 4, lower: [] }, timeZone: 'UTC', fromVersion: 2, createdAt: NOW },
    };
    await groups.insertGroups(scope, [hidden]);
    expect(await groups.count(scope, 1)).toBe(GROUPS);
    expect((await groups.list(scope, 1, null, null, 1))[0]?.name).toBe('Group 0');
    expect(await groups.list(scope, 1, { text: /aaa/, ids: [hidden.id] }, null, 9)).toEqual([]);
  });
});
