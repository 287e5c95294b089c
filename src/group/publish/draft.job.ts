import type { CourseStores } from '../../course/room.ts';
import type {
  LeftOut,
  Proposal,
  ProposalStore,
  ProposedGroup,
  Publication,
  UnplacedRow,
} from '../../formation/proposals/proposals.store.ts';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { NamedGroup } from '../groups/publish-writes.store.ts';
import type { Mover } from './move.job.ts';
import { endOf, type PlanRow } from './plans.store.ts';

export type DraftDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly mover: Pick<Mover, 'toCome'>;
};
/** Who would change groups, if the proposal were published now. */
export type Draft = {
  readonly rows: readonly PlanRow[];
  /** Moves that are told first and carried out after the days of grace; among the rows where there are none. */
  readonly moves: readonly PlanRow[];
  readonly publication: Publication;
  /** Groups that people join and that would have fewer than the proposal's smallest size. */
  readonly small: number;
  /** Of the groups that people join: those in which nobody can lead, and those with less than two times in common. */
  readonly noLead: number;
  readonly fewTimes: number;
  /** Groups that are not there yet, by id. */
  readonly fresh: ReadonlyMap<string, NamedGroup>;
};

/** The page names so many of those left out; the counts are of all. */
const MOST_NAMED = 100;
const FORMED = { cause: 'formed', meets: null } as const;
const UPDATED = { cause: 'update', meets: null } as const;
const PAGE = 1_000;
/** A slot free for all is little; the notice of it is given below this. */
const FEW_TIMES = 2;

type Tally = {
  readonly rows: PlanRow[];
  readonly moves: PlanRow[];
  readonly out: Record<LeftOut, number>;
  readonly leftOut: Publication['leftOut'];
  readonly made: { groups: number; small: number; noLead: number; fewTimes: number };
  readonly fresh: Map<string, NamedGroup>;
};
type Here = {
  readonly fellows: ReadonlySet<string>;
  readonly places: ReadonlyMap<string, string>;
  /** Where people are to be who are told of it already, by person; not by this proposal. */
  readonly promised: ReadonlyMap<string, string | null>;
  /** Of groups as they are, in fellows, with the seats that are promised. */
  readonly sizes: Map<string, number>;
  readonly at: Date;
  readonly graceDays: number;
};

/**
 * Holds a proposal against the course as it is: who is no fellow any more, or not in the group (or in none) that the
 * proposal found them in, is left out; and the memberships of those who left the course are ended along with it.
 */
export async function draftPublish(
  { course, proposals, groups, mover }: DraftDeps,
  scope: CourseScope,
  proposal: Proposal,
  version: number,
  at: Date,
): Promise<Draft> {
  const fellows = new Set<string>();
  for await (const page of course.enrolments.each(scope, 'fellow'))
    for (const { personId } of page) fellows.add(personId);
  /** Whoever the stream did not show may have come back meanwhile: their own row says. */
  const unseen = async (personIds: readonly string[]): Promise<readonly Enrolment[]> => {
    const ids = personIds.filter((personId) => !fellows.has(personId));
    const found = ids.length === 0 ? [] : await course.enrolments.findMany(scope, ids);
    for (const { personId, state, role } of found)
      if (state === 'active' && role === 'fellow') fellows.add(personId);
    return found.filter(({ personId }) => !fellows.has(personId));
  };
  const places = await groups.places(scope, version);
  const { graceDays } = (await course.courses.select(scope)).settings;
  const sizes = new Map<string, number>();
  for (const [personId, groupId] of places)
    if (fellows.has(personId)) sizes.set(groupId, (sizes.get(groupId) ?? 0) + 1);
  const toCome = (await mover.toCome(scope)).filter((move) => move.proposalId !== proposal.id);
  for (const { toGroupId } of toCome)
    if (toGroupId !== null) sizes.set(toGroupId, (sizes.get(toGroupId) ?? 0) + 1);
  const promised = new Map(toCome.map(({ personId, toGroupId }) => [personId, toGroupId]));
  const here: Here = { fellows, places, promised, sizes, at, graceDays };
  const tally: Tally = {
    ...{ rows: [], moves: [], leftOut: [], fresh: new Map() },
    out: { gone: 0, placed: 0, promised: 0, waits: 0 },
    made: { groups: 0, small: 0, noLead: 0, fewTimes: 0 },
  };
  for await (const page of proposals.eachGroup(scope, proposal)) {
    await unseen(page.flatMap(({ memberIds }) => memberIds));
    for (const group of page) addGroup(tally, here, proposal, group);
  }
  if (proposal.update != null) await addUnplaced(proposals, scope, proposal, here, tally);
  const people = tally.rows.filter(({ fromGroupId }) => fromGroupId === null).length;
  const leavers = await unseen([...places.keys()]);
  for (const one of leavers) tally.rows.push(endOf(one, places.get(one.personId) ?? null, at));
  const { rows, moves, out, leftOut, made, fresh } = tally;
  const moving =
    moves.length + rows.filter(({ cause, fromGroupId }) => cause === 'update' && fromGroupId !== null).length;
  const ended = leavers.length;
  const publication = { groups: made.groups, people, ...out, leftOut, ended, moves: moving, at };
  return { rows, moves, publication, ...made, fresh };
}

/** Rows for whoever joins this group, and for whoever moves to it. */
function addGroup(tally: Tally, here: Here, { rules, update }: Proposal, group: ProposedGroup): void {
  const { id, memberIds, guestIds, keeps, facts, name, track, place, rung } = group;
  const { fellows, places, promised, at } = here;
  const target = keeps ?? id;
  const expected = new Map((group.arrivals ?? []).map((one) => [one.personId, one.fromGroupId]));
  const coming: PlanRow[] = [];
  let staying = 0;
  for (const personId of memberIds) {
    const from = places.get(personId) ?? null;
    const before = update == null ? null : expected.has(personId) ? expected.get(personId) : (keeps ?? null);
    if (!fellows.has(personId)) leaveOut(tally, personId, 'gone');
    else if (update != null && promised.has(personId)) {
      if (promised.get(personId) === target) staying += 1;
      else leaveOut(tally, personId, 'promised');
    } else if (from !== before) leaveOut(tally, personId, 'placed');
    else if (from === target) staying += 1;
    else {
      const how = update == null ? FORMED : UPDATED;
      const guest = guestIds.includes(personId);
      coming.push({ personId, fromGroupId: from, toGroupId: target, guest, ...how, at });
    }
  }
  const now = update == null ? coming : withSeat(tally, here, coming, keeps == null, rules);
  if (now.length === 0) return;
  if (keeps == null) tally.fresh.set(id, { name, track, place, rung });
  const { made } = tally;
  made.groups += 1;
  if (staying + coming.length < rules.min) made.small += 1;
  if (facts.leads === 0) made.noLead += 1;
  if (facts.slots !== null && [...facts.slots.matchAll(/1/g)].length < FEW_TIMES) made.fewTimes += 1;
  for (const row of now) sort(tally, here, row);
}

/**
 * Of those who come to a group by an update, whoever has a seat now: until others have moved on there may be none, and a
 * group that opens with too few joiners opens with those who move to it. The look for joiners seats the others then.
 */
function withSeat(
  tally: Tally,
  { sizes, graceDays }: Here,
  coming: readonly PlanRow[],
  opens: boolean,
  { min, max }: Proposal['rules'],
): PlanRow[] {
  const joiners = coming.filter(({ fromGroupId }) => fromGroupId === null);
  const awaits = opens && graceDays > 0 && joiners.length < coming.length && joiners.length < min;
  return coming.filter(({ personId, fromGroupId, toGroupId }) => {
    if (fromGroupId !== null) return true;
    const size = (sizes.get(toGroupId ?? '') ?? 0) + 1;
    if (awaits || (!opens && size > max)) {
      leaveOut(tally, personId, 'waits');
      return false;
    }
    sizes.set(toGroupId ?? '', size);
    return true;
  });
}

function leaveOut({ out, leftOut }: Tally, personId: string, cause: LeftOut): void {
  out[cause] += 1;
  if (leftOut.length < MOST_NAMED) leftOut.push({ personId, cause });
}

/** A move is told before it takes effect; joining needs no notice. */
function sort({ rows, moves }: Tally, { graceDays }: Here, row: PlanRow): void {
  (row.fromGroupId !== null && graceDays > 0 ? moves : rows).push(row);
}

/** Whoever an update leaves without a group, though they are in the one that it found them in. */
async function addUnplaced(
  proposals: ProposalStore,
  scope: CourseScope,
  proposal: Proposal,
  here: Here,
  tally: Tally,
): Promise<void> {
  const reasons = new Set((await proposals.unplacedCounts(scope, proposal)).map(({ reason }) => reason));
  for (const reason of reasons)
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await proposals.unplaced(scope, proposal, reason, after, PAGE);
      for (const row of page) takeOut(tally, here, row);
      after = page.length < PAGE ? undefined : page.at(-1)?.personId;
    }
}

function takeOut(tally: Tally, here: Here, { personId, fromGroupId: found = null }: UnplacedRow): void {
  const { fellows, places, promised, at } = here;
  const fromGroupId = places.get(personId) ?? null;
  if (fromGroupId === null || !fellows.has(personId)) return;
  if (promised.has(personId)) leaveOut(tally, personId, 'promised');
  else if (fromGroupId !== found) leaveOut(tally, personId, 'placed');
  else sort(tally, here, { personId, fromGroupId, toGroupId: null, guest: false, ...UPDATED, at });
}
