import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { figuresNow } from '../../../src/formation/board/figures.ts';
import { newEditedRun } from '../../../src/formation/proposals/proposed.store.ts';
import { createEditStore } from '../../../src/formation/board/edits.store.ts';
import { after, blank } from '../../../src/formation/board/edit.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { openCourse, type TestCourse } from '../../group/course.ts';

let house: TestCourse;
let scope: CourseScope;
let id: string;
let people: string[];

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
beforeEach(async () => {
  scope = await house.begin();
  people = [];
  for (let at = 0; at < 8; at += 1) people.push(await house.fellow(scope, `Ada ${at}`));
  id = await house.propose(scope, [people.slice(0, 4), people.slice(4)]);
  const recorder = house.formation.stores.records.begin(scope, { id, run: id }, { people: [] });
  recorder.explained(people.map((one) => ({ id: one, statements: [] })));
  await recorder.done();
});

const sweep = async () => {
  for (const timed of house.formation.room.timedJobs) await timed.run();
};
const kept = async () =>
  Promise.all(
    ['proposed_groups', 'proposal_records', 'proposal_edits'].map((name) =>
      house.database.connection.collection(name).countDocuments({ proposalId: id }),
    ),
  );
/** Rows of a run as "Improve the rest" writes them, and the edit that lets them hold. */
async function improve(letIn: boolean): Promise<string> {
  const proposal = await house.proposals.select(scope, id);
  const run = newEditedRun(house.clock());
  const rows = await house.proposals.groupsOfTracks(scope, proposal, ['Software Development']);
  await house.proposals.put(scope, { id, run }, rows, []);
  const was = figuresNow(proposal);
  const next = { ...was, run, board: after(proposal, was.board) };
  if (letIn) await createEditStore(house).add(scope, { ...blank(proposal, 'm', 'improve'), was, next });
  return run;
}

describe('The sweep of proposals', () => {
  it('leaves what was discarded less than 90 days ago to be brought back, and what was not', async () => {
    house.setClock('2026-11-02T08:00:00Z');
    await house.proposals.move(scope, id, ['open'], 'discarded');
    house.setClock('2027-01-30T08:00:00Z');
    await sweep();
    expect(await kept()).toEqual([2, 8, 0]);
    expect(await house.proposals.move(scope, id, ['discarded'], 'open')).toBe(true);
    house.setClock('2027-08-30T08:00:00Z');
    await sweep();
    expect(await kept()).toEqual([2, 8, 0]);
  });

  it('forgets what was discarded longer ago: groups, records, edits, and itself; twice does no harm', async () => {
    house.setClock('2026-11-02T08:00:00Z');
    await improve(true);
    await house.proposals.move(scope, id, ['open'], 'discarded');
    house.setClock('2027-02-01T08:00:00Z');
    await sweep();
    await sweep();
    expect(await kept()).toEqual([0, 0, 0]);
    expect(await house.proposals.find(scope, id)).toBeNull();
  });

  it('goes on where one before it died, and lets nobody bring back a half', async () => {
    await house.database.connection
      .collection<{ _id: string }>('proposals')
      .updateOne({ _id: id }, { $set: { state: 'forgetting' } });
    expect(await house.proposals.move(scope, id, ['discarded'], 'open')).toBe(false);
    await sweep();
    expect(await kept()).toEqual([0, 0, 0]);
  });

  it('gives what was discarded before that was written down 90 days from now', async () => {
    await house.database.connection
      .collection<{ _id: string }>('proposals')
      .updateOne({ _id: id }, { $set: { state: 'discarded' }, $unset: { discardedAt: 1 } });
    house.setClock('2027-08-30T08:00:00Z');
    await sweep();
    expect(await kept()).toEqual([2, 8, 0]);
    house.setClock('2027-12-30T08:00:00Z');
    await sweep();
    expect(await kept()).toEqual([0, 0, 0]);
  });

  it('forgets runs that no edit let in, a day later, and none that can be undone or done again', async () => {
    house.setClock('2026-11-02T08:00:00Z');
    const run = await improve(true);
    const orphan = await improve(false);
    const runs = async () =>
      house.database.connection.collection('proposed_groups').distinct('run', { proposalId: id });
    house.setClock('2026-11-02T20:00:00Z');
    await sweep();
    expect((await runs()).toSorted()).toEqual([id, run, orphan].toSorted());
    house.setClock('2026-11-03T09:00:00Z');
    await sweep();
    expect((await runs()).toSorted()).toEqual([id, run].toSorted());
  });
});
