import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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

describe('planning', () => {
  it.each(['lead', 'deputy', 'manager'] as const)(
    'is open to the %s, who sees it in the list',
    async (who) => {
      expect(faultsOf((await group.ask(who, '/meetups/new')).html)).toEqual([]);
      expect(await group.ask(who, '/meetups', form())).toMatchObject({
        status: 303,
        to: `${group.base}/meetups?done=planned&count=1`,
      });
      const { html } = await group.ask(who, '/meetups');
      expect(textOf(html)).toContain(
        'Sat 7 Nov, 4:00 pm WAT Review · 60 minutes Join on Discord Change or cancel',
      );
      expect(faultsOf(html)).toEqual([]);
    },
  );

  it('is on the clocks of the group, Lagos by default', async () => {
    expect(textOf((await group.ask('lead', '/meetups/new')).html)).toContain(
      "In the group's time zone, Africa/Lagos.",
    );
    await group.ask('lead', '/meetups', form());
    expect((await group.upcoming())[0]?.startsAt.toISOString()).toBe('2026-11-07T15:00:00.000Z');
  });

  it.each([
    ['weekly', '3', ['2026-11-07', '2026-11-14', '2026-11-21']],
    ['biweekly', '2', ['2026-11-07', '2026-11-21']],
    ['once', '9', ['2026-11-07']],
  ])('of a series (%s) plans each of its times', async (repeat, times, days) => {
    await group.ask('lead', '/meetups', form({ repeat, times }));
    expect((await group.upcoming()).map(({ startsAt }) => startsAt.toISOString().slice(0, 10))).toEqual(days);
  });

  it('names the approved channels, with those the course added, and warns of phone numbers', async () => {
    await site.house.course.courses.saveSettings(group.scope, {
      channels: [{ host: 'meet.jit.si', label: 'Jitsi' }],
    });
    const words = textOf((await group.ask('lead', '/meetups/new')).html);
    expect(words).toContain(
      'Use one of these: Discord, WhatsApp, Google Meet, Zoom, Microsoft Teams, Jitsi.',
    );
    expect(words).toContain("On WhatsApp everyone in the meetup sees everyone else's phone number.");
    expect((await group.ask('lead', '/meetups', form({ link: 'https://meet.jit.si/us' }))).status).toBe(303);
  });

  it.each([
    ['title', { title: ' ' }, 'Say what the meetup is about.'],
    ['date', { date: '2026-02-31' }, 'That is not a date.'],
    ['date', { date: '2026-11-01' }, 'That day is over.'],
    ['date', { date: '2036-11-07' }, 'too far ahead'],
    ['time', { time: '4 pm' }, 'That is not a time.'],
    ['time', { date: '2026-11-02', time: '08:59' }, 'That time is over.'],
    ['minutes', { minutes: '5' }, 'A meetup lasts 10 to 480 minutes.'],
    ['minutes', { minutes: '1e2' }, 'A meetup lasts 10 to 480 minutes.'],
    ['times', { repeat: 'weekly', times: '99' }, 'A meetup can repeat 1 to 12 times.'],
    ['times', { repeat: 'weekly', times: '' }, 'A meetup can repeat 1 to 12 times.'],
    [
      'link',
      { link: 'https://zoom.us.evil.com/j/1' },
      'Meetings there are not approved for this course. Use Discord',
    ],
    ['link', { link: 'http://zoom.us/j/1' }, 'must begin with https://'],
  ])('says at the field %s what is wrong with %j, and keeps what was typed', async (name, over, words) => {
    const { status, html } = await group.ask('lead', '/meetups', form({ title: 'My words', ...over }));
    expect(status).toBe(422);
    const input = new RegExp(`<input id="${name}"[^>]*>`).exec(html)?.[0] ?? '';
    expect(input).toContain('aria-invalid="true"');
    expect(input).toMatch(new RegExp(`aria-describedby="[^"]*${name}-error"`));
    expect(html).toMatch(new RegExp(`id="${name}-error">[^<]*${words}`));
    if (name !== 'title') expect(html).toContain('value="My words"');
    expect(html.match(/aria-invalid/g)).toHaveLength(1);
    expect(faultsOf(html)).toEqual([]);
    expect(await group.upcoming()).toEqual([]);
  });

  it('shows what was typed as text, never as markup', async () => {
    const { html } = await group.ask(
      'lead',
      '/meetups',
      form({ title: '"><script>alert(1)</script>', minutes: '1' }),
    );
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&#34;&gt;&lt;script&gt;');
  });

  it('by a form that is sent twice plans once; changed and sent again it is refused', async () => {
    const { html } = await group.ask('lead', '/meetups/new');
    const key = /name="form" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const answers = await Promise.all(
      [1, 2, 3].map(() => group.ask('lead', '/meetups', form({ form: key }))),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await group.upcoming()).toHaveLength(1);
    const other = await group.ask('lead', '/meetups', form({ form: key, title: 'Other' }));
    expect(other.status).toBe(409);
    expect(textOf(other.html)).toContain('This form has already planned a meetup');
    const next = /name="form" value="([^"]+)"/.exec((await group.ask('lead', '/meetups/new')).html)?.[1];
    expect(next).not.toBe(key);
  });

  it('keeps its form through a refusal, so that a double tap on the corrected one plans once', async () => {
    const { html } = await group.ask('lead', '/meetups/new');
    const key = /name="form" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const refused = await group.ask('lead', '/meetups', form({ form: key, title: '' }));
    expect(refused.html).toContain(`name="form" value="${key}"`);
  });
});

describe('changing', () => {
  beforeEach(() => group.ask('lead', '/meetups', form()));

  it('shows the meetup as it is and takes its new time', async () => {
    const at = `/meetups/${await group.onlyOne()}/edit`;
    const { html } = await group.ask('deputy', at);
    expect(html).toMatch(/id="date"[^>]*value="2026-11-07"/);
    expect(html).toMatch(/id="time"[^>]*value="16:00"/);
    expect(html).not.toContain('name="repeat"');
    expect(faultsOf(html)).toEqual([]);
    expect((await group.ask('deputy', at, form({ time: '18:30', title: 'Later' }))).status).toBe(303);
    expect((await group.upcoming())[0]).toMatchObject({
      ...{ title: 'Later', startsAt: new Date('2026-11-07T17:30:00Z') },
    });
    expect((await group.ask('deputy', at, form({ link: 'https://evil.example' }))).status).toBe(422);
  });

  it('puts the link of one that has begun right, but moves it into no past', async () => {
    site.house.setClock('2026-11-07T15:05:00Z');
    const at = `/meetups/${await group.onlyOne()}/edit`;
    expect((await group.ask('lead', at, form({ link: 'https://zoom.us/j/1' }))).status).toBe(303);
    expect((await group.upcoming())[0]).toMatchObject({ channel: 'Zoom' });
    expect((await group.ask('lead', at, form({ time: '15:59' }))).status).toBe(422);
  });

  it('is over once the meetup was cancelled or its roll begun', async () => {
    const id = await group.onlyOne();
    await site.house.group.stores.meetups.beginRoll(
      group.scope,
      id,
      new Date((await group.upcoming())[0]?.startsAt ?? 0),
    );
    for (const target of [`/meetups/${id}/edit`, `/meetups/${id}/cancel`]) {
      expect((await group.ask('lead', target)).status).toBe(409);
      expect((await group.ask('lead', target, form())).status).toBe(409);
    }
  });

  it('cancels after a second question, and says so in the list', async () => {
    const id = await group.onlyOne();
    const { html } = await group.ask('lead', `/meetups/${id}/cancel`);
    expect(textOf(html)).toContain('Cancel this meetup? Review, Sat 7 Nov, 4:00 pm WAT');
    expect(faultsOf(html)).toEqual([]);
    expect((await group.upcoming())[0]?.state).toBe('planned');
    expect((await group.ask('lead', `/meetups/${id}/cancel`, {})).status).toBe(303);
    const words = textOf((await group.ask('member', '/meetups')).html);
    expect(words).toContain('cancelled Review · 60 minutes Cancelled by Ada, Mon 2 Nov, 9:00 am WAT');
    expect(words).not.toContain('Restore');
    expect(textOf((await group.ask('member', '')).html)).not.toContain('Review');
    site.house.setClock('2026-11-07T17:00:00Z');
    expect((await group.ask('lead', `/meetups/${id}/roll`)).status).toBe(409);
  });

  it('of another group is nowhere', async () => {
    const others = await Promise.all(['W', 'X'].map((sub) => site.house.fellow(group.scope, sub)));
    const proposalId = await site.house.propose(group.scope, [others]);
    await site.house.group.stores.publisher.publish(group.scope, { proposalId, by: 'm' });
    const id = await group.onlyOne();
    const theirs = `/groups/g/${proposalId}.0/meetups/${id}/edit`;
    expect((await site.ask({ scope: group.scope, role: 'manager', personId: 'm' }, theirs)).status).toBe(404);
  });
});

describe('what was done', () => {
  const audited = async () => {
    const rows = await site.house.database.connection
      .collection('audit')
      .find({ courseId: group.scope.courseId, action: /_meetup$/ })
      .sort({ _id: 1 })
      .toArray();
    return rows.map((row) => [String(row['action']), String(row['by'])]).toSorted();
  };
  const said = async (answer: { to: string | null }) => {
    const { html } = await group.ask('lead', (answer.to ?? '').slice(group.base.length));
    return textOf(/<p[^>]*id="done">[^<]*/.exec(html)?.[0] ?? '');
  };

  it('is said after planning, changing, cancelling and restoring, and stands in the audit', async () => {
    expect(await said(await group.ask('lead', '/meetups', form()))).toBe('The meetup is planned.');
    const at = `/meetups/${await group.onlyOne()}`;
    expect(await said(await group.ask('lead', `${at}/edit`, form({ title: 'New' })))).toBe(
      'The meetup is changed.',
    );
    expect(await said(await group.ask('deputy', `${at}/cancel`, {}))).toBe(
      'The meetup is cancelled. You can restore it below.',
    );
    expect(await said(await group.ask('manager', `${at}/restore`, {}))).toBe('The meetup is on again.');
    expect(await audited()).toEqual([
      ['cancel_meetup', group.person(1)],
      ['change_meetup', group.person(0)],
      ['plan_meetup', group.person(0)],
      ['restore_meetup', group.managerId],
    ]);
    const series = await group.ask('lead', '/meetups', form({ repeat: 'weekly', times: '3' }));
    expect(await said(series)).toBe('3 meetups are planned.');
  });

  it('is undone for a cancelled meetup by whoever leads, once, also after a second tap', async () => {
    await group.ask('lead', '/meetups', form());
    const at = `/meetups/${await group.onlyOne()}`;
    await group.ask('lead', `${at}/cancel`, {});
    expect((await group.ask('lead', `${at}/cancel`, {})).status).toBe(303);
    const { html } = await group.ask('lead', '/meetups');
    expect(html).toContain(`action="/l/launch${group.base}${at}/restore"`);
    expect(faultsOf(html)).toEqual([]);
    expect((await group.ask('member', `${at}/restore`, {})).status).toBe(403);
    for (let tap = 0; tap < 2; tap += 1)
      expect((await group.ask('lead', `${at}/restore`, {})).status).toBe(303);
    expect((await group.upcoming())[0]).toMatchObject({ state: 'planned', cancelledBy: null });
    expect((await audited()).map(([action]) => action)).toEqual([
      'cancel_meetup',
      'plan_meetup',
      'restore_meetup',
    ]);
  });
});

describe('free times', () => {
  const free = (...slots: number[]) =>
    Array.from({ length: 21 }, (_, slot) => (slots.includes(slot) ? '1' : '0')).join('');
  beforeEach(async () => {
    const { profiles } = site.house.course;
    const said = [free(15, 17), free(15, 17), free(15, 3)];
    for (const [index, availability] of said.entries())
      await profiles.replace(group.scope, group.person(index), { availability }, 'form');
  });

  it('of the members are offered, those that suit most first, and none that suits few', async () => {
    const { html } = await group.ask('lead', '/meetups/new');
    expect(textOf(html)).toContain(
      '3 members said when they are free. Choose a time to fill it in: Saturday morning suits 3 of 3 Saturday evening suits 2 of 3 Date',
    );
    expect(faultsOf(html)).toEqual([]);
  });

  it('fill in the next such day and its hour', async () => {
    const { html } = await group.ask('lead', '/meetups/new?slot=17');
    expect(html).toMatch(/id="date"[^>]*value="2026-11-07"/);
    expect(html).toMatch(/id="time"[^>]*value="18:00"/);
    expect((await group.ask('lead', '/meetups/new?slot=3')).html).toMatch(/id="time"[^>]*value="16:00"/);
  });

  it('are not asked for where nobody said any', async () => {
    for (const index of [0, 1, 2])
      await site.house.course.profiles.replace(
        group.scope,
        group.person(index),
        { availability: null },
        'form',
      );
    expect((await group.ask('lead', '/meetups/new')).html).not.toContain('id="free"');
  });
});

describe('the list of meetups', () => {
  it('is paged on both sides, each meetup once', async () => {
    const { meetups } = site.house.group.stores;
    const groupId = group.base.slice('/groups/g/'.length);
    const plan = (at: number, title: string) => {
      const startsAt = new Date(site.house.clock().getTime() + at);
      const endsAt = new Date(startsAt.getTime() + 3_600_000);
      const rest = { link: 'https://discord.gg/abc', channel: 'Discord', plannedBy: group.person(0) };
      return meetups.plan(group.scope, [{ groupId, title, startsAt, endsAt, ...rest }]);
    };
    for (let day = 1; day <= 25; day += 1) {
      await plan(day * 86_400_000, `Coming ${day}.`);
      await plan(-day * 86_400_000, `Gone ${day}.`);
    }
    const seen = { Coming: new Set<string>(), Gone: new Set<string>() };
    const read = (html: string): void => {
      for (const [title, kind = 'Gone'] of html.matchAll(/(Coming|Gone) \d+\./g))
        seen[kind as keyof typeof seen].add(title);
    };
    const first = (await group.ask('member', '/meetups')).html;
    read(first);
    expect([seen.Coming.size, seen.Gone.size]).toEqual([20, 20]);
    for (const [, link = ''] of first.matchAll(/href="\/l\/launch([^"]*meetups\?[^"]*)"/g))
      read((await group.ask('member', link.slice(group.base.length).replaceAll('&amp;', '&'))).html);
    expect([seen.Coming.size, seen.Gone.size]).toEqual([25, 25]);
  });
});
