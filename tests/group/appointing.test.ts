import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

let site: TestSite;
let scope: CourseScope;
/** Four groups of four; in the first two, the third and fourth member can lead, the fourth being more active. */
let groups: string[][];
let ids: string[];

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  const { house } = site;
  scope = await house.begin();
  groups = await Promise.all(
    [0, 1, 2, 3].map((group) =>
      Promise.all(
        [0, 1, 2, 3].map((seat) =>
          house.fellow(scope, `Fellow ${group}${seat}`, {
            canLead: group < 2 ? seat > 1 : null,
            activity: seat,
          }),
        ),
      ),
    ),
  );
  const proposalId = await house.propose(scope, groups);
  ids = groups.map((_, index) => `${proposalId}.${index}`);
  await house.group.stores.publisher.publish(scope, { proposalId, by: 'm' });
});
const person = (group: number, seat: number): string => groups[group]?.[seat] ?? '';
const ask = (target: string, body?: Record<string, string>, role: 'manager' | 'mentor' = 'manager') =>
  site.ask({ scope, role, personId: 'm' }, target, body);
const appoint = (group: number, seat: number, office = 'lead') =>
  ask(`/groups/g/${ids[group] ?? ''}/offices`, { office, person: person(group, seat) });
const rowsOf = async (target: string, body?: Record<string, string>): Promise<string[]> =>
  [...(await ask(target, body)).html.matchAll(/<th scope="row"><a[^>]*>([^<]+)/g)].map(
    ([, name = '']) => name,
  );
const audited = () =>
  site.house.database.connection
    .collection('audit')
    .find({ courseId: scope.courseId, action: 'appoint' })
    .toArray();

describe('the list of groups', () => {
  it('shows those without a Peer Lead alone, or without a Deputy, and counts both', async () => {
    await appoint(0, 0);
    await appoint(1, 0, 'deputy');
    expect(await rowsOf('/groups/list?without=lead')).toEqual(['Group 2', 'Group 3', 'Group 4']);
    expect(await rowsOf('/groups/list?without=deputy')).toEqual(['Group 1', 'Group 3', 'Group 4']);
    expect(await rowsOf('/groups/find', { without: 'lead', q: 'group 3' })).toEqual(['Group 3']);
    const { html } = await ask('/groups/list?without=lead');
    expect(textOf(html)).toContain('All Without a Peer Lead: 3 Without a Deputy: 3');
    expect(faultsOf(html)).toEqual([]);
  });

  it('counts a Peer Lead who left the course as none', async () => {
    await appoint(0, 0);
    await site.house.leave(scope, [person(0, 0)]);
    expect(await rowsOf('/groups/list?without=lead')).toContain('Group 1');
  });
});

describe("a group's page", () => {
  it('marks at the choice who said that they can lead, for the Community Manager alone', async () => {
    const { html } = await ask(`/groups/g/${ids[0] ?? ''}`);
    const choice = textOf(/<select id="person-lead"[\s\S]*?<\/select>/.exec(html)?.[0] ?? '');
    expect(choice).toContain('Fellow 00 Fellow 01 Fellow 02 (can lead) Fellow 03 (can lead)');
    const fellow = { scope, role: 'fellow', personId: person(0, 0) } as const;
    expect((await site.ask(fellow, '/group')).html).not.toContain('can lead');
  });

  it("leads staff to each member's page, and a fellow to none", async () => {
    const link = `href="/l/launch/roster/people/${person(0, 1)}"`;
    for (const role of ['manager', 'mentor'] as const)
      expect((await ask(`/groups/g/${ids[0] ?? ''}`, undefined, role)).html).toContain(link);
    const fellow = { scope, role: 'fellow', personId: person(0, 0) } as const;
    expect((await site.ask(fellow, '/group')).html).not.toContain('/roster/people/');
  });

  it('says after an appointment that it is done, and leads to the groups that still want for a lead', async () => {
    await appoint(2, 0);
    const { to } = await appoint(1, 0);
    const { html } = await ask(to ?? '');
    expect(html).toMatch(/<p class="note good wide" role="status" id="done">The Peer Lead is appointed\.</);
    expect(html).toContain(
      `href="/l/launch/groups/g/${ids[3] ?? ''}#offices">Next without a Peer Lead: Group 4<`,
    );
    expect(html).toContain(`href="/l/launch/groups/g/${ids[0] ?? ''}#offices">Before this`);
    expect(faultsOf(html)).toEqual([]);
  });

  it('offers to appoint again whose appointment was ended, and does so', async () => {
    await appoint(0, 2);
    const { to } = await ask(`/groups/g/${ids[0] ?? ''}/offices`, { office: 'lead', end: 'yes' });
    const { html } = await ask(to ?? '');
    expect(textOf(html)).toContain("The Peer Lead's appointment has ended.");
    const [, form = ''] = /<details open>[\s\S]*?(<form[\s\S]*?<\/form>)/.exec(html) ?? [];
    expect(textOf(form)).toBe('Appoint Fellow 02 as Peer Lead again');
    expect(form).toContain(`name="person" value="${person(0, 2)}"`);
    await appoint(0, 2);
    expect(textOf((await ask(`/groups/g/${ids[0] ?? ''}`)).html)).not.toContain('Lead again');
  });

  it('says nothing was done where an address names no known deed', async () => {
    for (const done of ['nothing', '__proto__', '<b>', 'appointed_leads.x'])
      expect((await ask(`/groups/g/${ids[0] ?? ''}?done=${encodeURIComponent(done)}`)).html).not.toContain(
        'id="done"',
      );
  });
});

describe('appointing in all groups without a Peer Lead', () => {
  it('first shows who would be appointed: of those who can lead the most active, never a Deputy', async () => {
    await appoint(0, 3, 'deputy');
    const { html } = await ask('/groups/leads');
    const words = textOf(html);
    expect(words).toContain('2 groups without a Peer Lead have a member who can lead.');
    expect(words).toContain('Group 1 Fellow 02 Group 2 Fellow 13');
    expect(words).toContain('In 2 more groups nobody said that they can lead.');
    expect(faultsOf(html)).toEqual([]);
    const before = await site.house.group.stores.appointments.holders(scope, 'lead');
    expect(before).toEqual([]);
  });

  it('appoints them once, however often and at once it is asked, with a line in the audit for each', async () => {
    const answers = await Promise.all([1, 2].map(() => ask('/groups/leads', {})));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    const [again] = [await ask('/groups/leads', {})];
    expect(again.to).toBe('/groups/list?without=lead&done=appointed_leads&count=0');
    const holders = await site.house.group.stores.appointments.holders(scope, 'lead');
    expect(holders.map(({ personId }) => personId).toSorted()).toEqual(
      [person(0, 3), person(1, 3)].toSorted(),
    );
    const lines = await audited();
    expect(lines.map(({ details }) => (details as { bulk: boolean }).bulk)).toEqual([true, true]);
    expect(await rowsOf('/groups/list?without=lead')).toEqual(['Group 3', 'Group 4']);
    expect(textOf((await ask('/groups/leads')).html)).toContain('There is nobody to appoint');
  });

  it('leaves a Peer Lead as they are, and follows one who left the course', async () => {
    await appoint(0, 0);
    await appoint(1, 1);
    await site.house.leave(scope, [person(1, 1)]);
    const { to } = await ask('/groups/leads', {});
    expect(textOf((await ask(to ?? '')).html)).toContain('1 Peer Lead is appointed.');
    const holders = await site.house.group.stores.appointments.holders(scope, 'lead');
    expect(holders.map(({ personId }) => personId).toSorted()).toEqual(
      [person(0, 0), person(1, 3)].toSorted(),
    );
  });
});
