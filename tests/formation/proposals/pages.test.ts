import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { CourseScope } from '../../../src/scope.ts';
import { textOf } from '../../support/http.ts';
import { faultsOf, openSite, type TestSite } from '../../group/site.ts';

let site: TestSite;
let scope: CourseScope;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  scope = await site.house.begin();
});

const ask = (target: string, body?: Record<string, string>, role: 'manager' | 'mentor' = 'manager') =>
  site.ask({ scope, role, personId: 'm' }, target, body);
const fellows = (count: number, name: string, profile = {}) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => site.house.fellow(scope, `${name} ${index}`, profile)),
  );
/** Presses the button, lets the work be done, and answers where the proposal is. */
async function propose(body: Record<string, string> = {}): Promise<string> {
  expect((await ask('/groups/propose', body)).to).toBe('/groups/proposing');
  await site.house.jobs.runDue();
  return (await ask('/groups/proposing')).to ?? '';
}
const audited = async (action: string) =>
  site.house.database.connection.collection('audit').find({ courseId: scope.courseId, action }).toArray();

describe('the Groups page', () => {
  it('sends whoever has no roster to it first', async () => {
    const { html } = await ask('/groups');
    expect(textOf(html)).toContain('nobody is in it yet. Go to Roster');
    expect(html).not.toContain('action="/l/launch/groups/propose"');
    expect(faultsOf(html)).toEqual([]);
  });

  it('offers to propose groups of 4 to 10, ideally 6, and says who would not be placed', async () => {
    await fellows(4, 'Fellow');
    await site.house.person(scope, 'unknown');
    const { html } = await ask('/groups');
    const words = textOf(html);
    expect(words).toContain('5 fellows, no groups yet.');
    expect(words).toContain('Groups of 4 to 10, ideally 6.');
    expect(words).toContain('The track or place of 1 fellow is not known');
    expect(html).toMatch(/<button class="btn main">Propose groups<\/button>/);
    expect(faultsOf(html)).toEqual([]);
  });

  it('shows a mentor the same without the button', async () => {
    await fellows(4, 'Fellow');
    const { html } = await ask('/groups', undefined, 'mentor');
    // The one button is the layout's: sign out.
    expect(/<main[\s\S]*<\/main>/.exec(html)?.[0]).not.toContain('<button');
    expect(textOf(html)).toContain('4 fellows, no groups yet.');
  });

  it('refuses sizes that make no sense at their field, and keeps what was typed', async () => {
    await fellows(4, 'Fellow');
    const { status, html } = await ask('/groups/propose', {
      min: '7',
      ideal: '6',
      max: '10',
      anywhere: 'yes',
    });
    expect(status).toBe(422);
    expect(html).toMatch(/id="min"[^>]*value="7"/);
    expect(html).toMatch(/id="ideal"[^>]*aria-invalid="true" aria-describedby="ideal-error"/);
    expect(html).toMatch(/id="ideal-error">This must not be smaller/);
    expect(html).toMatch(/name="anywhere" value="yes" checked/);
    expect(html).toContain('<details open>');
    expect(await site.house.jobs.findLatest(scope, 'propose')).toBeNull();
    expect(await audited('propose_groups')).toEqual([]);
    expect(faultsOf(html)).toEqual([]);
  });
});

describe('proposing', () => {
  it('where nobody waits says so, and makes no empty proposal', async () => {
    const people = await fellows(4, 'Fellow');
    const id = await site.house.propose(scope, [people]);
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    const { status, html } = await ask('/groups/propose', {});
    expect(status).toBe(422);
    expect(textOf(html)).toContain('Nobody is waiting for a group');
    expect(faultsOf(html)).toEqual([]);
    expect(await site.house.jobs.findLatest(scope, 'propose')).toBeNull();
    expect(await audited('propose_groups')).toEqual([]);
  });

  it('for one who came late says that too few wait, not that the track is small', async () => {
    const people = await fellows(6, 'Fellow');
    const id = await site.house.propose(scope, [people]);
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    await fellows(1, 'Late');
    const { html } = await ask(await propose());
    const words = textOf(html);
    expect(words).toContain('1 is waiting, with too few others of the same track for a new group');
    expect(words).toContain('The rest of their track is in groups already.');
    expect(words).not.toContain('too few people');
    expect(faultsOf(html)).toEqual([]);
  });

  it('takes groups of 2 to 20 and no others, and warns of what is unusual', async () => {
    await fellows(8, 'Fellow');
    for (const body of [{ min: '1' }, { max: '21' }])
      expect((await ask('/groups/propose', body)).status).toBe(422);
    const odd = textOf((await ask(await propose({ min: '2', ideal: '6', max: '20' }))).html);
    expect(odd).toContain('Below 4, a group stops when one or two are away.');
    expect(odd).toContain('Above 10, some stop taking part');
    scope = await site.house.begin();
    await fellows(8, 'Fellow');
    const gaps = textOf((await ask(await propose({ min: '4', ideal: '4', max: '4' }))).html);
    expect(gaps).toContain('Not every number of people divides into groups of 4 to 4');
    expect(gaps).not.toContain('Groups may be as');
  });
});

describe('forming', () => {
  it('leads a page that polls to the proposal by itself once it is done', async () => {
    await fellows(4, 'Fellow');
    const at = await propose();
    const polled = await site.ask({ scope, role: 'manager', personId: 'm' }, '/groups/proposing', undefined, {
      'hx-request': 'true',
    });
    expect(polled.html).toContain(`hx-get="/l/launch${at}" hx-trigger="load" hx-target="body"`);
  });

  it('shows how far it is, stage by stage, and reloads without script', async () => {
    await fellows(4, 'Fellow');
    await ask('/groups/propose', {});
    const { html } = await ask('/groups/proposing');
    const words = textOf(html);
    expect(words).toContain('Groups of 4 to 10, ideally 6.');
    expect(words).toContain('Reading who is here');
    expect(words).toContain('Trying out better groups');
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="2"></noscript>');
    expect(html).toContain('hx-get="/l/launch/groups/proposing"');
    expect(faultsOf(html)).toEqual([]);
    expect(textOf((await ask('/groups')).html)).toContain('Forming groups');
  });

  it('is one job for two who press at once; the second is told, and one line is written', async () => {
    await fellows(4, 'Fellow');
    const answers = await Promise.all([ask('/groups/propose', {}), ask('/groups/propose', { min: '2' })]);
    expect(answers.map(({ to }) => to).toSorted()).toEqual([
      '/groups/proposing',
      '/groups/proposing?joined=1',
    ]);
    expect(textOf((await ask('/groups/proposing?joined=1')).html)).toContain('being formed already');
    await site.house.jobs.runDue();
    expect(await site.house.proposals.list(scope, 9)).toHaveLength(1);
    expect(await audited('propose_groups')).toHaveLength(1);
  });

  it('says why it failed', async () => {
    await fellows(4, 'Fellow');
    await ask('/groups/propose', {});
    await site.house.database.connection
      .collection('jobs')
      .updateOne(
        { courseId: scope.courseId },
        { $set: { state: 'failed', active: false, errorCode: 'forming_refused' } },
      );
    const { html } = await ask('/groups/proposing');
    expect(textOf(html)).toContain('These people and sizes cannot be made into groups.');
    expect(faultsOf(html)).toEqual([]);
  });
});

describe('a proposal', () => {
  it('shows the whole at a glance: people by rung, rules beside best and chance, groups with their members', async () => {
    await fellows(6, 'Ada', { canLead: true, availability: `1${'0'.repeat(20)}` });
    await fellows(5, 'Bola', { lga: 'Epe' });
    const { status, html } = await ask(await propose());
    expect(status).toBe(200);
    const words = textOf(html);
    expect(words).toContain('2 groups for 11 fellows');
    expect(words).toContain('11 learn with people of their own local government area.');
    expect(words).toContain(
      'Nobody can lead 1 1 1 It could not be otherwise with these people and places. Groups in which nobody can lead.',
    );
    expect(words).toContain('5 fellows have not said whether they can lead');
    expect(words).toContain('Sizes: 1 group of 5, 1 group of 6');
    expect(words).toContain('Ikeja LGA 6 6 Mon morning Ada 0, Ada 1');
    expect(words).toContain('Epe LGA 5 none –');
    expect(html).toMatch(/<button class="btn main">Publish groups<\/button>/);
    expect(faultsOf(html)).toEqual([]);
  });

  it('says each rule in words, with its unit and a chart between the best and chance where these differ', async () => {
    await fellows(6, 'Ada', { canLead: true });
    await fellows(6, 'Bola');
    const { html } = await ask(await propose());
    const words = textOf(html);
    expect(words).toContain('Nobody can lead 0 0 0');
    expect(html).toMatch(/<circle cx="4\.0%"[\s\S]*?As good as it can be\./);
    scope = await site.house.begin();
    await fellows(4, 'Epe', { lga: 'Epe' });
    await fellows(1, 'Ibadan', { lga: 'Ibadan North', state: 'Oyo' });
    const other = textOf((await ask(await propose())).html);
    expect(other).toContain('Steps, all people added up: 0 in one’s own local government area');
  });

  it('draws no chart where chance gives the same, and says that it could not be otherwise', async () => {
    await fellows(6, 'Bola');
    const { html } = await ask(await propose());
    expect(textOf(html)).toContain('1 1 1 It could not be otherwise with these people and places.');
    expect(html).not.toContain('<circle');
  });

  it('lists its groups by track, and leaves those that deserve a look: no lead, little time, guests, small', async () => {
    await fellows(6, 'Ada', { canLead: true, availability: `11${'0'.repeat(19)}` });
    await fellows(4, 'Bola', { lga: 'Epe', track: 'DevOps', availability: `1${'0'.repeat(20)}` });
    const at = await propose();
    const { html } = await ask(at);
    expect(textOf(html)).toContain(
      'By track and place Track Groups People In their LGA Data Science 1 6 6 DevOps 1 4 4',
    );
    expect(textOf(html)).toContain('1 without a lead 1 with little common time 1 of only 4');
    expect(faultsOf(html)).toEqual([]);
    for (const query of ['show=no_lead', 'show=short_time', 'show=small', 'track=DevOps']) {
      const only = textOf((await ask(`${at}?${query}`)).html);
      expect(only).toContain('Bola 0');
      expect(only).not.toContain('Ada 0');
    }
    expect(textOf((await ask(`${at}?show=guest`)).html)).toContain('No group is like that here.');
    const proposal = await site.house.proposals.select(scope, at.split('/').at(-1) ?? '');
    expect(await site.house.proposals.concerns(scope, proposal, 4)).toEqual({
      ...{ no_lead: 1, short_time: 1, guest: 0, small: 1 },
    });
  });

  it('says who could not be placed: by reason, with names, tracks and what to do next', async () => {
    await fellows(4, 'Ada');
    await fellows(3, 'Femi', { track: 'Animation' });
    await fellows(12, 'Ngozi', { track: null });
    const { html } = await ask(await propose());
    const words = textOf(html);
    expect(words).toContain('15 fellows could not be placed');
    expect(words).toContain(
      '3 are in tracks with too few people for a group Wait for more of the track to join',
    );
    expect(words).toContain('Animation: 3 Femi 0 Animation Femi 1 Animation Femi 2 Animation');
    expect(words).toContain('12 have no known track Upload it, choose one track for all, or wait');
    expect(words).toContain('See all 12');
    expect(faultsOf(html)).toEqual([]);
    const all = (await ask(/href="\/l\/launch(\/[^"]*unplaced\?[^"]*)"/.exec(html)?.[1] ?? '')).html;
    expect(textOf(all)).toContain('Ngozi 0');
    expect(textOf(all)).toContain('Ngozi 11');
    expect(textOf(all)).not.toContain('Femi');
    expect(faultsOf(all)).toEqual([]);
  });

  it('says what a wider choice would gain: leads from afar, unknown places, tracks that mix', async () => {
    await fellows(6, 'Ada', { canLead: true });
    await fellows(4, 'Bola', { lga: 'Epe' });
    await fellows(2, 'Femi', { track: 'Animation' });
    await fellows(3, 'Uche', { lga: null, state: null, zone: null, country: null });
    const at = await propose();
    const { html } = await ask(at);
    const words = textOf(html);
    expect(words).toContain(
      '1 group has nobody who can lead, because the leads live elsewhere. Were each track one place, it would be 0',
    );
    expect(words).toContain('3 whose place is not known would be placed as well');
    expect(words).toContain('2 in tracks that are too small could join groups of another track');
    expect(faultsOf(html)).toEqual([]);
    scope = await site.house.begin();
    await fellows(6, 'Ada');
    expect(textOf((await ask(await propose())).html)).not.toContain('What a wider choice would gain');
  });

  it('says so where no group could be formed', async () => {
    await fellows(3, 'Ada');
    const { html } = await ask(await propose());
    expect(textOf(html)).toContain('No group could be formed. Below stands why.');
    expect(html).toContain('<h1>No group could be formed</h1>');
    expect(textOf(html)).not.toContain('0 groups');
    expect(textOf(html)).toContain('allow smaller groups: lower “At least”');
    expect(html).not.toContain('Publish groups');
    expect(faultsOf(html)).toEqual([]);
  });

  it('finds a fellow by any part of their name that begins a word, and a group by any part', async () => {
    await fellows(4, 'Ada Obi');
    await fellows(4, 'Bola Eze', { lga: 'Epe' });
    const at = await propose();
    const found = textOf((await ask(at, { q: 'eze' })).html);
    expect(found).toContain('Bola Eze 0');
    expect(found).not.toContain('Ada Obi 0');
    expect(textOf((await ask(at, { q: 'kej' })).html)).toContain('Ada Obi 0');
    expect(textOf((await ask(at, { q: 'nobody' })).html)).toContain('No fellow or group of that name');
    expect((await ask(at, { q: '.*(+[' })).status).toBe(200);
  });

  it('is searched in place, and no name gets into an address', async () => {
    await fellows(4, 'Ada Obi');
    const at = await propose();
    expect(textOf((await ask(`${at}?q=nobody`)).html)).toContain('Ada Obi 0');
    const { html } = await ask(at, { q: 'obi' });
    expect(html).toMatch(/<form class="searchbar" method="post" action="[^"]*#groups" hx-post/);
    expect(html).toContain('name="q" value="obi"');
    expect(html).not.toMatch(/(href|action)="[^"]*obi/i);
    expect(faultsOf(html)).toEqual([]);
  });

  it('is paged: each group once, also in a search', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        fellows(2, `Track${index} Fellow`, { track: `Track ${index}` }),
      ),
    );
    const at = await propose({ min: '2', ideal: '2', max: '3' });
    const names: string[] = [];
    for (const q of ['', 'fellow']) {
      let next: string | undefined = '-1';
      while (next !== undefined) {
        const { html }: { html: string } = await (q === ''
          ? ask(`${at}?after=${next}`)
          : ask(at, { q, after: next }));
        names.push(
          ...[...html.matchAll(/<th scope="row"><a[^>]*>(Ikeja[^<]+)</g)].map(([, name = '']) => name),
        );
        next = (q === '' ? /[?&;]after=(\d+)/ : /name="after" value="(\d+)"/).exec(html)?.[1];
      }
    }
    expect(names).toHaveLength(80);
    expect(new Set(names).size).toBe(40);
  });

  it('can be downloaded as a table with everybody, where no cell is a formula', async () => {
    await fellows(4, '=cmd()');
    await fellows(2, 'Femi', { track: 'Animation' });
    const { html } = await ask(`${await propose()}/groups.csv`);
    const rows = parse<Record<string, string>>(html, { bom: true, columns: true });
    expect(rows).toHaveLength(6);
    expect(rows.filter(({ reason }) => reason === '')).toHaveLength(4);
    expect(rows.filter(({ reason }) => reason === 'too_few_in_track')).toHaveLength(2);
    expect(rows[0]).toMatchObject({ track: 'Data Science', place: 'Ikeja', rung: 'lga', guest: '0' });
    expect(rows[0]?.['name']).toMatch(/^'=cmd/);
    expect(rows[0]?.['id']).toMatch(/^'=cmd/);
  });
});

describe('a proposal whose roster has changed since', () => {
  it('says nothing while all is as it was', async () => {
    await fellows(5, 'Ada');
    expect((await ask(await propose())).html).not.toContain('id="changes"');
  });

  it('says who joined, left, was placed or has another track or place', async () => {
    const people = await fellows(8, 'Ada');
    const at = await propose();
    await fellows(2, 'Late');
    await site.house.leave(scope, [people[0] ?? '']);
    await site.house.course.profiles.replace(scope, people[1] ?? '', { lga: 'Epe' }, 'form');
    const other = await site.house.propose(scope, [people.slice(2, 5)]);
    await site.house.group.stores.publisher.publish(scope, { proposalId: other, by: 'm' });
    const { html } = await ask(at);
    const words = textOf(html);
    expect(words).toContain('The roster has changed since these groups were formed.');
    expect(words).toContain('2 fellows have joined');
    expect(words).toContain('1 has left the course.');
    expect(words).toContain('3 are in a group meanwhile.');
    expect(words).toContain('1 has another track or place now.');
    expect(faultsOf(html)).toEqual([]);
  });
});

describe('discarding', () => {
  it('takes a proposal out of the list, once, says so and writes it down', async () => {
    await fellows(4, 'Ada');
    const at = await propose();
    const gone = `/groups?discarded=${at.split('/').at(-1) ?? ''}`;
    expect((await ask(`${at}/discard`, {})).to).toBe(gone);
    expect((await ask(`${at}/discard`, {})).to).toBe(gone);
    expect(textOf((await ask('/groups')).html)).not.toContain('Proposal 1');
    const { html } = await ask(gone);
    expect(textOf(html)).toContain('Proposal 1 is discarded. Undo');
    expect(faultsOf(html)).toEqual([]);
    expect(textOf((await ask(at)).html)).toContain('This proposal was discarded. Undo');
    expect(await audited('discard_proposal')).toHaveLength(1);
  });

  it('can be undone, and what is back is as it was', async () => {
    await fellows(4, 'Ada');
    const at = await propose();
    await ask(`${at}/discard`, {});
    expect((await ask(`${at}/restore`, {}, 'mentor')).status).toBe(403);
    expect((await ask(`${at}/restore`, {})).to).toBe(at);
    expect((await ask(`${at}/restore`, {})).to).toBe(at);
    expect(textOf((await ask(at)).html)).not.toContain('discarded');
    expect(textOf((await ask('/groups')).html)).toContain('Proposal 1 1 group, 4 fellows · groups of 4');
    expect(await audited('restore_proposal')).toHaveLength(1);
  });

  it('cannot be undone into a proposal that is published', async () => {
    await fellows(4, 'Ada');
    const at = await propose();
    const id = at.split('/').at(-1) ?? '';
    await site.house.proposals.move(scope, id, ['open'], 'publishing');
    await ask(`${at}/restore`, {});
    expect((await site.house.proposals.select(scope, id)).state).toBe('publishing');
  });

  it('is refused once it is being published', async () => {
    await fellows(4, 'Ada');
    const at = await propose();
    const id = at.split('/').at(-1) ?? '';
    await site.house.proposals.move(scope, id, ['open'], 'publishing');
    const { status, html } = await ask(`${at}/discard`, {});
    expect(status).toBe(409);
    expect(textOf(html)).toContain('published or being published');
    expect((await site.house.proposals.select(scope, id)).state).toBe('publishing');
  });

  it('and what is still being formed has no page', async () => {
    await site.house.proposals.begin(scope, 'forming', {
      ...{
        rules: { min: 4, ideal: 6, max: 10, crossTrack: false, seed: 1 },
        anywhere: false,
        createdBy: 'm',
      },
    });
    expect((await ask('/groups/proposals/forming')).status).toBe(404);
  });
});
