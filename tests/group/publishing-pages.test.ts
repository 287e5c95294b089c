import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PUBLISH } from '../../src/group/publish/publish.job.ts';
import type { CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

let site: TestSite;
let scope: CourseScope;
let people: string[];

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  scope = await site.house.begin();
  people = await Promise.all(
    ['Ada', 'Bola', 'Chidi', 'Dayo', 'Efe'].map((sub) => site.house.fellow(scope, sub)),
  );
});
const ask = (target: string, body?: Record<string, string>) =>
  site.ask({ scope, role: 'manager', personId: 'm' }, target, body);
const run = () => site.house.jobs.runDue();
const audited = (action: string) =>
  site.house.database.connection
    .collection('audit')
    .find({ courseId: scope.courseId, action })
    .sort({ at: 1 })
    .toArray();

describe('publishing from a proposal', () => {
  it('asks a second time, saying how many groups, who is placed and who is not, and does it once', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    const confirm = `/groups/publish/${proposalId}`;
    expect((await ask('/groups/publish', { proposalId })).to).toBe(confirm);
    const { html } = await ask(confirm);
    const words = textOf(html);
    expect(words).toContain('Publish these groups? 1 group, 5 people.');
    expect(words).toContain('5 fellows see their group from the next time they open My Peer Group.');
    expect(html).toMatch(/<button class="btn main">Publish groups<\/button>/);
    expect(faultsOf(html)).toEqual([]);
    expect(await site.house.jobs.findLatest(scope, PUBLISH)).toBeNull();

    expect((await ask(confirm, {})).to).toBe('/groups/publishing');
    const running = (await ask('/groups/publishing')).html;
    expect(textOf(running)).toContain('Publishing the groups Beginning.');
    expect(running).toContain('http-equiv="refresh"');
    expect(faultsOf(running)).toEqual([]);
    await run();
    const done = (await ask('/groups/publishing')).html;
    expect(textOf(done)).toContain('The groups are published 1 group, 5 people.');
    expect(faultsOf(done)).toEqual([]);
    expect(await audited('publish_groups')).toHaveLength(1);
    expect((await site.house.group.stores.published.personIds(scope)).size).toBe(5);
  });

  it('of one that is published already says when, and publishes nothing', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    await ask(`/groups/publish/${proposalId}`, {});
    await run();
    expect((await ask(`/groups/publish/${proposalId}`, {})).to).toBe(`/groups/publish/${proposalId}`);
    const { html } = await ask(`/groups/publish/${proposalId}`);
    expect(textOf(html)).toContain(
      'These groups are published 1 group with 5 people, Mon 2 Nov, 9:00 am WAT.',
    );
    expect(faultsOf(html)).toEqual([]);
    expect(await run()).toBe(0);
  });

  it('looks at once who is in no group still, so that they are named among those who wait', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    await site.house.fellow(scope, 'Zara', { track: null });
    await ask(`/groups/publish/${proposalId}`, {});
    await run();
    const words = textOf((await ask('/groups/updates')).html);
    expect(words).toContain('1 fellow: their track is not known');
    expect(words).toContain('Zara since');
  });

  it('pressed twice at once is one publish', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    const answers = await Promise.all([1, 2, 3].map(() => ask(`/groups/publish/${proposalId}`, {})));
    expect(answers.map(({ to }) => to)).toEqual(Array(3).fill('/groups/publishing'));
    // The publish, and the look for whoever waits after it.
    expect(await run()).toBe(2);
    expect(await audited('publish_groups')).toHaveLength(1);
  });

  it('of two proposals at once is one; the other gets words and stays open', async () => {
    const ids = [await site.house.propose(scope, [people]), await site.house.propose(scope, [people])];
    const answers = await Promise.all(ids.map((id) => ask(`/groups/publish/${id}`, {})));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(textOf(refused?.html ?? '')).toContain('Another proposal is being published at this moment');
    await run();
    const states = await Promise.all(ids.map((id) => site.house.proposals.select(scope, id)));
    expect(states.map(({ state }) => state).toSorted()).toEqual(['open', 'published']);
    expect((await site.house.group.stores.published.personIds(scope)).size).toBe(5);
  });

  it('of a proposal whose people are all placed meanwhile says so, before and after', async () => {
    const [first, second] = [
      await site.house.propose(scope, [people]),
      await site.house.propose(scope, [people]),
    ];
    await ask(`/groups/publish/${first}`, {});
    await run();
    const before = (await ask(`/groups/publish/${second}`)).html;
    expect(textOf(before)).toContain('There is nobody left to place');
    expect(before).not.toContain('<form class="row"');
    expect(faultsOf(before)).toEqual([]);
    site.house.setClock('2026-11-02T08:01:00Z');
    await ask(`/groups/publish/${second}`, {});
    await run();
    const { html } = await ask('/groups/publishing');
    expect(textOf(html)).toContain('Everyone in this proposal has left the course or is in a group already');
    expect(faultsOf(html)).toEqual([]);
    expect(await site.house.proposals.select(scope, second)).toMatchObject({ state: 'open' });
    expect((await site.house.course.courses.select(scope)).groupsVersion).toBe(1);
  });

  it('leaves out by name who left the course or was placed meanwhile, and says so before and after', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    await site.house.leave(scope, [people[0] ?? '']);
    const other = await site.house.propose(scope, [people.slice(1, 2)]);
    await site.house.group.stores.publisher.publish(scope, { proposalId: other, by: 'm' });
    const before = (await ask(`/groups/publish/${proposalId}`)).html;
    const words = textOf(before);
    expect(words).toContain('1 group, 3 people.');
    expect(words).toContain('1 group begins with fewer than 4 members');
    expect(words).toContain('1 is no longer a fellow of the course Ada');
    expect(words).toContain('1 is in a group already Bola');
    expect(faultsOf(before)).toEqual([]);
    await ask(`/groups/publish/${proposalId}`, {});
    await run();
    const after = (await ask('/groups/publishing')).html;
    expect(textOf(after)).toContain('1 group, 3 people. Left out: 1 is no longer a fellow of the course Ada');
    expect(faultsOf(after)).toEqual([]);
  });

  it('takes whoever left the course out of their group, and says so before', async () => {
    const first = await site.house.propose(scope, [people.slice(0, 4)]);
    await site.house.group.stores.publisher.publish(scope, { proposalId: first, by: 'm' });
    site.house.setClock('2026-11-10T08:00:00Z');
    await site.house.leave(scope, [people[0] ?? '']);
    site.house.setClock('2026-11-15T08:00:00Z');
    const second = await site.house.propose(scope, [people.slice(4)]);
    expect(textOf((await ask(`/groups/publish/${second}`)).html)).toContain(
      '1 person who left the course is taken out of their group.',
    );
    await ask(`/groups/publish/${second}`, {});
    await run();
    const [membership] = await site.house.group.stores.groups.historyOf(scope, 2, [people[0] ?? '']);
    expect(membership).toMatchObject({ untilVersion: 2, until: new Date('2026-11-10T08:00:00Z') });
  });

  it('is refused for a proposal that was discarded, also between the question and the work', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    await ask(`/groups/publish/${proposalId}`, {});
    await site.house.proposals.move(scope, proposalId, ['open'], 'discarded');
    await run();
    const { html } = await ask('/groups/publishing');
    expect(textOf(html)).toContain('This proposal was discarded');
    expect(faultsOf(html)).toEqual([]);
    const { status, html: refused } = await ask(`/groups/publish/${proposalId}`, {});
    expect(status).toBe(409);
    expect(textOf(refused)).toContain('nothing was published');
    expect((await site.house.course.courses.select(scope)).groupsVersion).toBe(0);
  });

  it('is refused where the groups were changed by hand since the page was shown', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    const confirm = `/groups/publish/${proposalId}`;
    expect((await ask(confirm)).html).toContain('<input type="hidden" name="edits" value="0">');
    await site.house.database.connection
      .collection('proposals')
      .updateOne({ courseId: scope.courseId }, { $set: { edits: 1 } });
    const { status, html } = await ask(confirm, { edits: '0' });
    expect(status).toBe(409);
    expect(textOf(html)).toContain('Somebody moved people on the board since you looked');
    expect(await site.house.jobs.findLatest(scope, PUBLISH)).toBeNull();
  });

  it('that failed for good can be begun again', async () => {
    const proposalId = await site.house.propose(scope, [people]);
    await ask(`/groups/publish/${proposalId}`, {});
    await site.house.proposals.move(scope, proposalId, ['open'], 'publishing');
    await site.house.database.connection
      .collection('jobs')
      .updateOne(
        { courseId: scope.courseId },
        { $set: { state: 'failed', active: false, errorCode: 'unexpected' } },
      );
    const { html } = await ask('/groups/publishing');
    expect(textOf(html)).toContain('nobody sees half-published groups');
    expect(faultsOf(html)).toEqual([]);
    expect((await ask(`/groups/publish/${proposalId}`, {})).to).toBe('/groups/publishing');
    await run();
    expect((await site.house.proposals.select(scope, proposalId)).state).toBe('published');
  });
});

describe('appointing', () => {
  let base: string;
  beforeEach(async () => {
    const proposalId = await site.house.propose(scope, [people]);
    base = `/groups/g/${proposalId}.0`;
    await site.house.group.stores.publisher.publish(scope, { proposalId, by: 'm' });
  });
  const appoint = (office: string, index: number) =>
    ask(`${base}/offices`, { office, person: people[index] ?? '' });
  const chips = async () =>
    [...(await ask(base)).html.matchAll(/<span class="face"[\s\S]*?<\/li>/g)]
      .map(([row]) => textOf(row))
      .flatMap((row) => /(\w+) since .* (Peer Lead|Deputy)$/.exec(row)?.slice(1).join(': ') ?? []);

  it('makes a Peer Lead and a Deputy, replaces them, and keeps who it was', async () => {
    expect((await appoint('lead', 0)).to).toBe(`${base}?done=appointed_lead`);
    site.house.setClock('2026-11-02T08:01:00Z');
    await appoint('deputy', 1);
    expect(await chips()).toEqual(['Ada: Peer Lead', 'Bola: Deputy']);
    site.house.setClock('2026-11-05T08:00:00Z');
    await appoint('lead', 2);
    expect(await chips()).toEqual(['Chidi: Peer Lead', 'Bola: Deputy']);
    const { html } = await ask(base);
    expect(textOf(html)).toContain('Earlier appointments Ada, Peer Lead Mon 2 Nov – Thu 5 Nov');
    expect(faultsOf(html)).toEqual([]);
    const lines = await audited('appoint');
    expect(lines.map(({ details }) => details as unknown)).toEqual([
      { office: 'lead', personId: people[0], replaced: null },
      { office: 'deputy', personId: people[1], replaced: null },
      { office: 'lead', personId: people[2], replaced: people[0] },
    ]);
  });

  it('is taken back, with a line in the audit', async () => {
    await appoint('lead', 0);
    expect(textOf((await ask(base)).html)).toContain("End Ada's appointment");
    expect((await ask(`${base}/offices`, { office: 'lead', end: 'yes' })).to).toBe(`${base}?done=ended_lead`);
    expect(await chips()).toEqual([]);
    await ask(`${base}/offices`, { office: 'lead', end: 'yes' });
    expect(await audited('recall')).toHaveLength(1);
  });

  it('refuses the Peer Lead as Deputy, and does not offer it', async () => {
    await appoint('lead', 0);
    const { html } = await ask(base);
    const deputies = /<select id="person-deputy"[\s\S]*?<\/select>/.exec(html)?.[0] ?? '';
    expect(deputies).not.toContain('Ada');
    const { status, html: refused } = await appoint('deputy', 0);
    expect(status).toBe(409);
    expect(textOf(refused)).toContain('nobody is both');
    expect(await chips()).toEqual(['Ada: Peer Lead']);
  });

  it('refuses whoever is no member, has left the course, or an office that does not exist', async () => {
    const stranger = await site.house.fellow(scope, 'Stranger');
    expect((await ask(`${base}/offices`, { office: 'lead', person: stranger })).status).toBe(400);
    expect((await ask(`${base}/offices`, { office: 'lead', person: '' })).status).toBe(400);
    expect((await ask(`${base}/offices`, { office: 'king', person: people[0] ?? '' })).status).toBe(400);
    await site.house.leave(scope, [people[1] ?? '']);
    expect((await appoint('lead', 1)).status).toBe(400);
    expect(await audited('appoint')).toEqual([]);
  });
});
