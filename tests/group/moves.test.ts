import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createHand } from '../../src/group/publish/by-hand.job.ts';
import { createPublishing } from '../../src/group/publish/index.ts';
import { createPlanStore } from '../../src/group/publish/plans.store.ts';
import { createJobs } from '../../src/jobs/index.ts';
import { type CourseRole, courseScope, type CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

const TRACK = { track: 'Software Development' };
let site: TestSite;
let scope: CourseScope;
let first: string[];
let second: string[];
let ids: [string, string];

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  scope = await site.house.begin();
  first = await fellows(['Ada', 'Bola', 'Chidi', 'Dayo', 'Efe']);
  second = await fellows(['Femi', 'Gozie', 'Hauwa', 'Ife']);
  const proposalId = await site.house.propose(scope, [first, second]);
  await site.house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
  ids = [`${proposalId}.0`, `${proposalId}.1`];
});
const fellows = (names: readonly string[]) =>
  Promise.all(names.map((name) => site.house.fellow(scope, name, TRACK)));
const ask = (target: string, body?: Record<string, string>, role: CourseRole = 'manager', personId = 'm') =>
  site.ask({ scope, role, personId }, target, body);
const version = async () => (await site.house.course.courses.select(scope)).groupsVersion;
const groupOf = async (personId: string) =>
  (await site.house.group.stores.groups.membershipOf(scope, await version(), personId))?.groupId ?? null;
const toldTo = async (personId: string) =>
  (await site.house.notices.unread(scope, personId, await version())).map(({ kind }) => kind).toSorted();
const audited = (action: string) =>
  site.house.database.connection.collection('audit').countDocuments({ courseId: scope.courseId, action });
const moveOf = (id: string) => site.house.group.stores.moves.find(scope, id);
function hand() {
  const { clock, course, proposals, notices, jobs, group, database } = site.house;
  const deps = { clock, course, proposals, notices, jobs, ...group.stores };
  return createHand({ ...deps, plans: createPlanStore(database) });
}
function change(to: string) {
  const names = { id: to, name: 'Group 2', track: '', place: '', rung: 'lga' as const };
  const target = { ...names, people: [], guestIds: new Set<string>(), promised: 0 };
  const decided = { personId: ada(), fromGroupId: ids[0], guest: false, warnings: [], by: 'm' };
  return { ...decided, target, at: site.house.clock() };
}
const ada = () => first[0] ?? '';
const page = (personId = ada()) => `/groups/people/${personId}`;
async function plan(): Promise<string> {
  await ask(page(), { from: ids[0], to: ids[1] });
  return (await site.house.group.stores.moves.announcedTo(scope, ada()))?.id ?? '';
}
async function pass(at: string): Promise<void> {
  site.house.setClock(at);
  for (const timed of site.house.group.room.timedJobs) await timed.run();
  await site.house.jobs.runDue();
}

describe('moving one person by hand', () => {
  it('says first what it does to both groups, and changes nothing yet', async () => {
    const { html } = await ask(`${page()}?to=${ids[1]}`);
    const words = textOf(html);
    expect(words).toContain('Move Ada to Group 2?');
    expect(words).toContain('Group 1: 5 → 4 members');
    expect(words).toContain('Group 2: 4 → 5 members');
    expect(words).toContain('It breaks no rule.');
    expect(faultsOf(html)).toEqual([]);
    expect(await groupOf(ada())).toBe(ids[0]);
  });

  it('warns before it breaks a rule', async () => {
    const gozie = second[1] ?? '';
    await site.house.formation.stores.setup.putWishes(scope, [{ kind: 'apart', a: ada(), b: gozie }], 'm');
    const { html } = await ask(`${page(gozie)}?to=${ids[0]}`);
    expect(textOf(html)).toContain('fewer members than you set as the least');
    expect(textOf(html)).toContain('Somebody in the group must not be with them.');
  });

  it('tells the fellow and both groups, and takes effect after the days of grace, once', async () => {
    expect((await ask(page(), { from: ids[0], to: ids[1] })).to).toBe(`${page()}?done=planned`);
    expect(await groupOf(ada())).toBe(ids[0]);
    expect(await toldTo(ada())).toContain('move_planned');
    expect(await toldTo(first[1] ?? '')).toContain('move_planned_out');
    expect(await toldTo(second[0] ?? '')).toContain('move_planned_in');
    await pass('2026-11-04T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[0]);
    await pass('2026-11-05T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[1]);
    expect(await toldTo(ada())).toEqual(expect.arrayContaining(['moved']));
    expect(await toldTo(ada())).not.toContain('move_planned');
    await pass('2026-11-06T08:00:00Z');
    expect(await version()).toBe(2);
    const times = await site.house.group.stores.groups.historyOf(scope, 2, [ada()]);
    expect(times.map(({ groupId, until }) => [groupId, until?.toISOString()])).toEqual([
      [ids[0], '2026-11-05T08:00:00.000Z'],
      [ids[1], undefined],
    ]);
    expect(await audited('plan_move')).toBe(1);
  });

  it('takes effect at once where they asked for it, and is undone by one tap', async () => {
    expect((await ask(page(), { from: ids[0], to: ids[1], now: 'yes' })).to).toBe(
      `${page()}?undo=${ids[0]}&done=moved`,
    );
    expect(await groupOf(ada())).toBe(ids[1]);
    const done = await ask(`${page()}?done=moved&undo=${ids[0]}`);
    expect(textOf(done.html)).toContain('Ada is now in Group 2. Undo');
    expect(faultsOf(done.html)).toEqual([]);
    const undone = await ask(page(), { from: ids[1], to: ids[0], now: 'yes', undo: 'yes' });
    expect(undone.to).toBe(`${page()}?again=${ids[1]}&done=moved`);
    expect(textOf((await ask(undone.to ?? '')).html)).toContain('Ada is now in Group 1. Do again');
    expect(await groupOf(ada())).toBe(ids[0]);
    expect(await audited('move_person')).toBe(2);
  });

  it('says that an office ends with the move; Undo gives it back, unless somebody else has it', async () => {
    const { appointments } = site.house.group.stores;
    const lead = async () =>
      (await appointments.current(scope, [ids[0]])).find(({ office }) => office === 'lead')?.personId;
    const undo = { from: ids[1], to: ids[0], now: 'yes', undo: 'yes' };
    await appointments.appoint(scope, ids[0], ada(), 'lead', 'm');
    site.house.setClock('2026-11-02T09:00:00Z');
    expect(textOf((await ask(`${page()}?to=${ids[1]}`)).html)).toContain(
      'Ada is Peer Lead of Group 1; that ends with the move.',
    );
    await ask(page(), { from: ids[0], to: ids[1], now: 'yes' });
    expect(await lead()).toBeUndefined();
    const back = await ask(page(), undo);
    const { html } = await ask(back.to ?? '');
    expect(textOf(html)).toContain('Ada is Peer Lead of Group 1 again.');
    expect(faultsOf(html)).toEqual([]);
    expect(await lead()).toBe(ada());
    site.house.setClock('2026-11-02T10:00:00Z');
    await ask(page(), { from: ids[0], to: ids[1], now: 'yes' });
    await appointments.appoint(scope, ids[0], first[1] ?? '', 'lead', 'm');
    const taken = await ask(page(), undo);
    expect(textOf((await ask(taken.to ?? '')).html)).toContain('Group 1 has another Peer Lead meanwhile');
    expect(await lead()).toBe(first[1]);
  });

  it('takes out of a group, and adds to one, at once', async () => {
    await ask(page(), { from: ids[0], to: 'out' });
    expect(await groupOf(ada())).toBeNull();
    expect(await toldTo(ada())).toContain('taken_out');
    // Nor does the look for joiners put them back.
    await site.house.jobs.runDue();
    expect(await groupOf(ada())).toBeNull();
    expect(textOf((await ask(page())).html)).toContain('They were taken out of their group by hand.');
    await ask(page(), { from: 'out', to: ids[1] });
    expect(await groupOf(ada())).toBe(ids[1]);
    expect(await toldTo(ada())).toContain('added');
  });

  it('is planned once where the button is pressed twice; another group takes the place of the first', async () => {
    const moveId = await plan();
    expect((await ask(page(), { from: ids[0], to: ids[1] })).to).toBe(`${page()}?done=planned`);
    expect((await site.house.group.stores.moves.announcedTo(scope, ada()))?.id).toBe(moveId);
    expect(await toldTo(ada())).toEqual(['move_planned', 'placed']);
    expect(await audited('plan_move')).toBe(1);
    await expect(hand().plan(scope, change('elsewhere'), null, 3)).rejects.toThrow('move_planned_meanwhile');
    expect(await audited('plan_move_refused')).toBe(1);
    expect((await moveOf(moveId))?.state).toBe('announced');
    await hand().plan(scope, change('elsewhere'), await moveOf(moveId), 3);
    expect((await moveOf(moveId))?.state).toBe('withdrawn');
    expect(await audited('withdraw_move')).toBe(1);
  });

  it('at once leaves what was planned as it is where another publish was quicker, and ends it where it is done', async () => {
    const moveId = await plan();
    const planned = await moveOf(moveId);
    const at = (await version()) - 1;
    await expect(hand().move(scope, change(ids[1]), planned, at)).rejects.toThrow('publish_busy');
    expect((await moveOf(moveId))?.state).toBe('announced');
    expect([await audited('move_person'), await audited('move_person_refused')]).toEqual([1, 1]);
    await ask(page(), { from: ids[0], to: ids[1], now: 'yes' });
    expect((await moveOf(moveId))?.state).toBe('void');
    expect(await toldTo(ada())).toEqual(['moved', 'placed']);
    expect(await toldTo(second[0] ?? '')).toEqual(['member_joined', 'placed']);
    const bola = first[1] ?? '';
    await ask(page(bola), { from: ids[0], to: ids[1] });
    await ask(page(bola), { from: ids[0], to: 'out' });
    expect(await toldTo(bola)).toEqual(expect.arrayContaining(['taken_out']));
    expect(await toldTo(second[0] ?? '')).toEqual(['member_joined', 'move_withdrawn_in', 'placed']);
  });

  it('refuses what was decided by an old page, and a group that is none', async () => {
    await ask(page(), { from: ids[0], to: ids[1], now: 'yes' });
    expect((await ask(page(), { from: ids[0], to: 'out' })).status).toBe(409);
    expect((await ask(page(), { from: ids[1], to: 'nowhere' })).status).toBe(409);
    expect(await groupOf(ada())).toBe(ids[1]);
  });
});

describe('an objection to a move', () => {
  it('holds the move back until staff have decided, and the reason is for staff alone', async () => {
    const moveId = await plan();
    const shown = await ask('/me/move', undefined, 'fellow', ada());
    expect(textOf(shown.html)).toContain('you are to move from Group 1 to Group 2.');
    expect(faultsOf(shown.html)).toEqual([]);
    expect((await ask('/me/move', { reason: ' ' }, 'fellow', ada())).status).toBe(422);
    await ask('/me/move', { reason: 'My friend is here.' }, 'fellow', ada());
    await pass('2026-11-09T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[0]);
    const { html } = await ask('/groups/updates');
    expect(textOf(html)).toContain('They object, so the move waits for you: “My friend is here.”');
    expect(faultsOf(html)).toEqual([]);
    await ask(`/groups/moves/${moveId}`, { decision: 'keep' });
    expect(await toldTo(ada())).toContain('move_kept');
    await pass('2026-11-10T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[1]);
  });

  it('ends the move where staff withdraw it; everybody who was told is told', async () => {
    const moveId = await plan();
    await ask('/me/move', { reason: 'My friend is here.' }, 'fellow', ada());
    await ask(`/groups/moves/${moveId}`, { decision: 'withdraw' });
    await pass('2026-11-20T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[0]);
    expect(await toldTo(ada())).toEqual(['move_withdrawn', 'placed']);
    expect(await toldTo(second[0] ?? '')).toEqual(['move_withdrawn_in', 'placed']);
    expect((await ask(`/groups/moves/${moveId}`, { decision: 'withdraw' })).status).toBe(409);
  });

  it('is not taken for a withdrawal where the form does not say which', async () => {
    const moveId = await plan();
    expect((await ask(`/groups/moves/${moveId}`, {})).status).toBe(400);
    expect((await moveOf(moveId))?.state).toBe('announced');
  });

  it('stands before all other moves until it is answered, and every move can be reached', async () => {
    const people = await fellows(Array.from({ length: 23 }, (_, index) => `M${index}`));
    const { moves } = site.house.group.stores;
    const planned = people.map((personId, index) => ({
      ...{ id: `${scope.courseId}.${index}`, personId, fromGroupId: ids[0], toGroupId: ids[1], guest: false },
      ...{ cause: 'update' as const, proposalId: null, by: 'm' },
      dueAt: new Date(Date.UTC(2026, 10, 10, index)),
    }));
    await moves.announce(scope, planned);
    const [kept, open] = [planned[21]?.id ?? '', planned[22]?.id ?? ''];
    await moves.object(scope, kept, 'Zebras.');
    await moves.keep(scope, kept);
    await moves.object(scope, open, 'Aardvarks.');
    const { html } = await ask('/groups/updates');
    expect(html.match(/\/groups\/moves\/[^"]+/g)?.[0]).toBe(`/groups/moves/${open}`);
    expect(faultsOf(html)).toEqual([]);
    const [, next = ''] = /href="\/l\/launch(\/groups\/updates\?[^"#]*)/.exec(html) ?? [];
    const more = await ask(next.replaceAll('&amp;', '&'));
    const shown = `${html}${more.html}`.match(/\/groups\/moves\/[^"]+/g) ?? [];
    expect(shown.toSorted()).toEqual(planned.map(({ id }) => `/groups/moves/${id}`).toSorted());
  });

  it('is no one else’s to make', async () => {
    await plan();
    expect((await ask('/me/move', { reason: 'No.' }, 'fellow', first[1] ?? '')).status).toBe(409);
    expect((await ask('/me/move', undefined, 'fellow', first[1] ?? '')).to).toBe('/group');
  });
});

describe('a move whose day has come', () => {
  it('is void where the person has left, or is elsewhere already', async () => {
    const moveId = await plan();
    await site.house.leave(scope, [ada()]);
    await pass('2026-11-05T08:00:00Z');
    expect(await groupOf(ada())).toBeNull();
    await pass('2026-11-05T09:00:00Z');
    expect((await site.house.group.stores.moves.find(scope, moveId))?.state).toBe('void');
    expect(await toldTo(second[0] ?? '')).toEqual(['placed']);
  });

  it('makes no group of 11', async () => {
    const moveId = await plan();
    const more = await fellows(['J1', 'J2', 'J3', 'J4', 'J5', 'J6']);
    for (const personId of more) await ask(page(personId), { from: 'out', to: ids[1] });
    await pass('2026-11-05T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[0]);
    expect((await moveOf(moveId))?.state).toBe('full');
    expect(await toldTo(ada())).toEqual(expect.arrayContaining(['move_full']));
    expect(await toldTo(ada())).not.toContain('move_planned');
    expect(await toldTo(second[0] ?? '')).toContain('move_withdrawn_in');
  });

  it('makes one where staff planned it past the warning', async () => {
    const more = await fellows(['J1', 'J2', 'J3', 'J4', 'J5', 'J6']);
    for (const personId of more) await ask(page(personId), { from: 'out', to: ids[1] });
    expect(textOf((await ask(`${page()}?to=${ids[1]}`)).html)).toContain('more members than you set');
    await plan();
    await pass('2026-11-05T08:00:00Z');
    expect(await groupOf(ada())).toBe(ids[1]);
  });

  it('is neither withdrawn nor objected to while it is carried out, and is taken up where its worker died', async () => {
    const moveId = await plan();
    site.house.setClock('2026-11-05T08:00:00Z');
    const dying = site.house.group.stores.mover.carryOut(scope, (step) => {
      if (step === 'frozen') throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    expect((await ask(`/groups/moves/${moveId}`, { decision: 'withdraw' })).status).toBe(409);
    expect((await ask('/me/move', { reason: 'No.' }, 'fellow', ada())).status).toBe(409);
    expect(textOf((await ask('/me/move', undefined, 'fellow', ada())).html)).toContain('too late to object');
    expect(textOf((await ask('/groups/updates')).html)).toContain('It is being carried out.');
    await pass('2026-11-05T08:02:00Z');
    expect(await groupOf(ada())).toBe(ids[1]);
    expect(await toldTo(ada())).toEqual(['moved', 'placed']);
  });

  it('is told of also where the process died between the act and the notices', async () => {
    const moveId = await plan();
    const { moves } = site.house.group.stores;
    const notices = site.house.database.connection.collection('notices');
    await notices.deleteMany({ courseId: scope.courseId, about: moveId });
    await site.house.database.connection
      .collection('planned_moves')
      .updateOne({ courseId: scope.courseId }, { $set: { toldAt: null } });
    await pass('2026-11-03T08:00:00Z');
    expect(await toldTo(ada())).toEqual(['move_planned', 'placed']);
    await moves.withdraw(scope, moveId);
    await pass('2026-11-03T09:00:00Z');
    expect(await toldTo(ada())).toEqual(['move_withdrawn', 'placed']);
    expect(await toldTo(second[0] ?? '')).toEqual(['move_withdrawn_in', 'placed']);
  });

  it('is told to nobody once the person is erased; before that the export holds it with their words', async () => {
    const moveId = await plan();
    await ask('/me/move', { reason: 'My friend is here.' }, 'fellow', ada());
    const { privacy } = site.house.group.room;
    expect(await privacy.export(scope, ada())).toMatchObject({
      moves: [{ id: moveId, objection: 'My friend is here.' }],
      waits: null,
    });
    await privacy.erase(scope, ada());
    expect(await toldTo(second[0] ?? '')).toEqual(['placed']);
    expect((await moveOf(moveId))?.objection).toBeNull();
  });

  it('keeps the seat from those who join late', async () => {
    await fellows(['J1', 'J2', 'J3', 'J4', 'J5']);
    await site.house.group.stores.joiner(scope);
    await plan();
    await fellows(['K1', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8']);
    await site.house.group.stores.joiner(scope);
    await pass('2026-11-05T08:00:00Z');
    const { groups } = site.house.group.stores;
    const members = await groups.membersOf(scope, await version(), [ids[1]]);
    expect(members).toHaveLength(10);
    expect(members.map(({ personId }) => personId)).toContain(ada());
  });
});

describe('who comes and goes', () => {
  it('names who waits and why, and who joined, with what happens next', async () => {
    await site.house.fellow(scope, 'Zainab', { track: 'Animation' });
    await site.house.fellow(scope, 'Yemi', TRACK);
    await site.house.group.stores.joiner(scope);
    const { html } = await ask('/groups/updates');
    const words = textOf(html);
    expect(words).toContain('1 fellow: there is no group of their track');
    expect(words).toContain('Once enough of them wait, propose groups for them.');
    expect(words).toContain('Zainab since');
    expect(words).toContain('Joined lately Yemi Group 2');
    expect(faultsOf(html)).toEqual([]);
  });

  it('shows the first of each reason, however many wait for another', async () => {
    const zara = await site.house.fellow(scope, 'Zara', { track: null });
    const many = Array.from({ length: 250 }, (_, index) => [`nobody-${index}`, 'no_room'] as const);
    const reasons = new Map<string, string>([...many, [zara, 'track_unknown']]);
    await site.house.group.stores.waiting.note(scope, reasons, site.house.clock(), new Set());
    const words = textOf((await ask('/groups/updates')).html);
    expect(words).toContain('Zara since');
    expect(words).toContain('and 230 more');
  });

  it('keeps how late joiners are placed and how many days of grace there are', async () => {
    await ask('/groups/updates/settings', { grace: '0' });
    expect((await site.house.course.courses.select(scope)).settings).toMatchObject({
      ...{ placeLate: false, graceDays: 0 },
    });
    await ask(page(), { from: ids[0], to: ids[1] });
    expect(await groupOf(ada())).toBe(ids[1]);
  });

  it('changes no days of grace for what is no number of days', async () => {
    for (const grace of ['', 'soon', '31', '-1', '1.5']) {
      const { status, html } = await ask('/groups/updates/settings', { grace, place_late: 'yes' });
      expect([grace, status]).toEqual([grace, 422]);
      expect(textOf(html)).toContain('Give a whole number of days, from 0 to 30. Nothing was saved.');
      expect(faultsOf(html)).toEqual([]);
    }
    expect((await site.house.course.courses.select(scope)).settings.graceDays).toBe(3);
  });

  it('is looked after in each course though another one fails', async () => {
    const { house } = site;
    const late = await house.fellow(scope, 'Late', TRACK);
    const jobs = createJobs({ database: house.database, log: pino({ level: 'silent' }), clock: house.clock });
    const withGroups = () => Promise.resolve([courseScope('no-such-course'), scope]);
    const course = { ...house.course, courses: { ...house.course.courses, withGroups } };
    const { proposals, notices, clock, database, formation, group } = house;
    const { timedJobs } = createPublishing({
      ...{ database, clock, log: pino({ level: 'silent' }), jobs, course, proposals, notices },
      ...{ ...formation.stores, ...group.stores },
    });
    for (const timed of timedJobs) await timed.run();
    await house.jobs.runDue();
    expect(await groupOf(late)).not.toBeNull();
    await jobs.stop();
  });
});
