import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { CANVAS_THROTTLING } from '../../src/demo-lms/behaviour.ts';
import { profileOf } from '../../src/lti/profiles.ts';
import { createGradebook } from '../../src/lti/services/gradebook.ts';
import { createRosterSource } from '../../src/lti/services/roster-source.ts';
import { createServiceClient } from '../../src/lti/services/service-client.ts';
import type { CourseServices, RosterMember } from '../../src/lti/types.ts';
import { type House, openHouse } from '../support/house.ts';
import { ltiConfig } from './support/builders.ts';

const PEOPLE = 120;
const COLUMN = {
  resourceId: 'participation',
  tag: 'participation',
  label: 'Participation',
  scoreMaximum: 100,
};

let house: House;
let platformId: string;
let services: CourseServices;
beforeAll(async () => {
  house = await openHouse();
  await house.lms.addCourse('bees', 'Beekeeping');
  await house.lms.addPerson('bees', { id: 'cm', name: 'Ngozi Eze', role: 'instructor' });
  for (let person = 1; person < PEOPLE; person += 1)
    await house.lms.addPerson('bees', { id: `p${person}`, name: `Person ${person}` });
  await house.open('cm', 'bees');
  const course = await house.database.connection.collection('courses').findOne({ title: 'Beekeeping' });
  platformId = course?.['platformId'] as string;
  services = course?.['services'] as CourseServices;
});
afterAll(() => house.close());
afterEach(() => house.lms.behaviour.reset());

const client = () =>
  createServiceClient({
    platforms: house.services.door.platforms,
    signingKey: (id) => house.services.door.signingKey(id),
    allowPrivateNetwork: true,
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    pause: () => Promise.resolve(),
  });

async function roster(): Promise<RosterMember[]> {
  const people: RosterMember[] = [];
  const source = createRosterSource(client(), ltiConfig.roles);
  for await (const page of source.members(platformId, services.membershipsUrl ?? '')) people.push(...page);
  return people;
}

async function score(sub: string, scoreGiven: number, seconds: number) {
  const gradebook = createGradebook(client());
  const column = await gradebook.selectLineItem(platformId, services, COLUMN, null);
  const timestamp = new Date(Date.now() + seconds * 1_000);
  await gradebook.postScore(platformId, services, column, {
    sub,
    scoreGiven,
    scoreMaximum: 100,
    comment: null,
    timestamp,
  });
  return gradebook.findResult(platformId, services, column, sub);
}

/** How each platform answers, as far as the demo LMS can be taught to. */
const MANNERS: readonly [family: string, how: string, learn: (lms: House['lms']['behaviour']) => void][] = [
  [
    'moodle',
    'all members in one answer, short roles, names escaped once',
    (lms) => {
      lms.rosterBody = (body) => ({
        ...body,
        members: (body['members'] as Record<string, unknown>[]).map((member) => ({
          ...member,
          name: 'O&#039;Neil &amp; Obi',
        })),
      });
    },
  ],
  [
    'canvas',
    'fifty members a page, and 403 with a rate limit’s words in between',
    (lms) => {
      lms.rosterPage = 50;
      lms.fail('members', [CANVAS_THROTTLING, {}, CANVAS_THROTTLING]);
    },
  ],
  [
    'openedx',
    'pages, and statuses left out',
    (lms) => {
      lms.rosterPage = 10;
      lms.rosterBody = (body) => ({
        ...body,
        members: (body['members'] as Record<string, unknown>[]).map(
          ({ status: _status, ...member }) => member,
        ),
      });
    },
  ],
  [
    'blackboardlearn',
    'a link whose own query has to stay',
    (lms) => {
      lms.rosterPage = 60;
      lms.rosterNext = (next) => `${next}&placement_id=_1_1`;
    },
  ],
  [
    'desire2learn',
    'pages, and 429 with Retry-After',
    (lms) => {
      lms.rosterPage = 100;
      lms.fail('members', [{ status: 429, headers: { 'retry-after': '1' } }]);
    },
  ],
  [
    'schoology',
    'a hundred members a page',
    (lms) => {
      lms.rosterPage = 100;
    },
  ],
  [
    'sakai',
    'a server error once',
    (lms) => {
      lms.rosterPage = 100;
      lms.fail('members', [{ status: 500 }]);
    },
  ],
];

describe.each(MANNERS)('%s', (family, how, learn) => {
  test(`has its roster read whole: ${how}`, async () => {
    expect(profileOf(family).name).not.toBe('LTI 1.3');
    learn(house.lms.behaviour);
    const people = await roster();
    expect(new Set(people.map(({ sub }) => sub)).size).toBe(PEOPLE);
    expect(people).toHaveLength(PEOPLE);
    if (family === 'moodle') expect(people[0]?.name).toBe("O'Neil & Obi");
  });
});

describe('a gradebook', () => {
  test('takes a score, and gives the result back', async () => {
    expect(await score('p1', 72.5, 0)).toMatchObject({ resultScore: 72.5 });
  });

  test.each([422, 400, 404])(
    'that says %i of somebody it does not know (Canvas, Moodle) is not asked again',
    async (status) => {
      house.lms.behaviour.unknownUserStatus = status;
      await expect(score('nobody', 10, 10)).rejects.toMatchObject({ kind: 'permanent' });
      expect(house.lms.behaviour.requests.scores).toBe(1);
    },
  );

  test('that throttles with 403 (Canvas) is asked again later, not given up', async () => {
    house.lms.behaviour.fail('scores', [CANVAS_THROTTLING]);
    await expect(score('p2', 10, 20)).rejects.toMatchObject({ kind: 'retry', code: 'service_busy' });
    expect(await score('p2', 10, 21)).toMatchObject({ resultScore: 10 });
  });

  test('that has a later score already (Moodle 409, Canvas and Open edX 400) is a conflict', async () => {
    await score('p3', 10, 40);
    await expect(score('p3', 11, 30)).rejects.toMatchObject({ kind: 'conflict' });
    house.lms.behaviour.fail('scores', [{ status: 400, body: 'Provided timestamp is older' }]);
    await expect(score('p3', 11, 50)).rejects.toMatchObject({ kind: 'conflict' });
  });
});

test('a token endpoint that has an audience of its own (Brightspace) is asked for it, once it is set', async () => {
  const { platforms } = house.services.door;
  const { tokenAudience } = await platforms.select(platformId);
  house.lms.behaviour.tokenAudience = 'https://api.brightspace.com/auth/token';
  await expect(roster()).rejects.toMatchObject({ kind: 'permanent', code: 'service_token_refused' });
  await platforms.set(platformId, { tokenAudience: house.lms.behaviour.tokenAudience });
  expect((await roster()).length).toBeGreaterThanOrEqual(PEOPLE);
  await platforms.set(platformId, { tokenAudience });
});

describe('Open edX’s gradebook', () => {
  const asOpenEdx = async (work: () => Promise<void>): Promise<void> => {
    const platforms = house.database.connection.collection<{ _id: string; family: string }>('lti_platforms');
    await platforms.updateOne({ _id: platformId }, { $set: { family: 'openedx' } });
    const { behaviour } = house.lms;
    Object.assign(behaviour, { resultsBy: 'path', takenStatus: 201, staleStatus: 400 });
    await work().finally(() => platforms.updateOne({ _id: platformId }, { $set: { family: 'demo-lms' } }));
  };

  test('takes a score with 201 and tells one person’s result by the path', () =>
    asOpenEdx(async () => {
      expect(await score('p10', 88, 60)).toMatchObject({ resultScore: 88, resultMaximum: 100 });
      expect(house.lms.behaviour.requests.results).toBe(1);
      // A zero of the demo LMS reads as Moodle's: what matters is whose result it is.
      expect(await score('p11', 12, 60)).toMatchObject({ resultScore: 12 });
      expect(await score('p10', 89, 61)).toMatchObject({ resultScore: 89 });
    }));

  test('finds somebody whose id its path cannot hold among all', () =>
    asOpenEdx(async () => {
      await house.lms.addPerson('bees', { id: 'dot.ted', name: 'Dot Ted' });
      expect(await score('dot.ted', 44, 60)).toMatchObject({ resultScore: 44 });
    }));

  test('says 400 of a score that is not newer, which is a conflict and no refusal of the person', () =>
    asOpenEdx(async () => {
      await score('p12', 10, 80);
      await expect(score('p12', 11, 80)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'service_timestamp',
      });
      expect(await score('p12', 11, 81)).toMatchObject({ resultScore: 11 });
    }));

  test('asked in the way of others tells nothing: the demo LMS is as strict as it is', () =>
    asOpenEdx(async () => {
      const platforms = house.database.connection.collection<{ _id: string; family: string }>(
        'lti_platforms',
      );
      await score('p13', 30, 60);
      await platforms.updateOne({ _id: platformId }, { $set: { family: 'demo-lms' } });
      expect(await score('p13', 31, 61)).toMatchObject({ resultScore: null });
    }));
});

test('how rosters and scores went is news of the platform', async () => {
  const { health, platforms } = house.services.door;
  const watched = createServiceClient({
    platforms,
    signingKey: (id) => house.services.door.signingKey(id),
    allowPrivateNetwork: true,
    log: pino({ level: 'silent' }),
    clock: () => new Date(),
    health,
    pause: () => Promise.resolve(),
  });
  const read = async () => {
    const source = createRosterSource(watched, ltiConfig.roles);
    for await (const page of source.members(platformId, services.membershipsUrl ?? ''))
      if (page.length === 0) break;
  };
  await read();
  house.lms.behaviour.fail('members', [{ status: 403 }]);
  await expect(read()).rejects.toMatchObject({ code: 'service_forbidden' });
  for (;;) {
    const news = (await health.list()).get(platformId);
    if (news?.rosterAt != null && news.error === 'service_forbidden') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
