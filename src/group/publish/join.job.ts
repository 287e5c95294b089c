import { setImmediate } from 'node:timers/promises';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import { DEFAULT_RULES, type FormationPerson } from '../../formation/engine/types.ts';
import { hasPlace, readPeople } from '../../formation/proposals/people.store.ts';
import { type NoSeat, type Seat, seatFor, type Sizes } from '../../formation/updates/seat.ts';
import type { SetupStore } from '../../formation/setup/setup.store.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { publishRows } from './bind.job.ts';
import { type Checkpoint, type FinishDeps, finishPublish } from './finish.job.ts';
import { readOpenGroups, withPairs } from './open-groups.store.ts';
import { endOf, type PlanRow } from './plans.store.ts';
import type { WaitingStore } from './waiting.store.ts';

export type JoinDeps = FinishDeps & {
  readonly setup: SetupStore;
  readonly clock: () => Date;
  readonly waiting: WaitingStore;
  /** Seats that are promised in each group to people who move there soon. */
  readonly promised: (scope: CourseScope) => Promise<ReadonlyMap<string, number>>;
  readonly mostSeats?: number;
};
/** What a look at the course came to, in people. */
export type Joined = {
  readonly joined: number;
  readonly ended: number;
  readonly waiting: number;
  /** Whether there are people whom it did not come to. */
  readonly more?: true;
};
/** Why somebody waits: what is not known of them, or what no group has. */
export type WaitReason = NoSeat | 'track_unknown' | 'place_unknown' | 'by_hand' | 'taken_out';

export const JOIN = 'join';
const JOIN_AFTER = 'join after';
const NOBODY: Joined = { joined: 0, ended: 0, waiting: 0 };
/** Seats given by one look, a minute's worth: more are given by the next. */
const MOST_SEATS = 2_000;
/** Other work of the process comes in between so many people. */
const PAUSE_EVERY = 500;
const BY = 'peer-group';

/**
 * Looks for joiners and leavers soon; where a look is under way that may have begun too early, once more after it, and not
 * beside it.
 */
export async function enqueueJoin(jobs: Jobs, scope: CourseScope): Promise<void> {
  const { courseId } = scope;
  const { jobId, created } = await jobs.enqueue({ kind: JOIN, courseId, key: JOIN, payload: {} });
  if (created || (await jobs.find(scope, jobId))?.state === 'waiting') return;
  // Of its own for each look that runs, so that one which was asked for before is not taken for this one.
  await jobs.enqueue({ kind: JOIN_AFTER, courseId, key: jobId, payload: { jobId } });
}

/**
 * Seats whoever joined late in the groups there are, one by one, and ends the memberships of those who left the course;
 * by the same plan and flip of the version as any publish. Before the first publish it does nothing.
 */
export function createJoiner(deps: JoinDeps) {
  const { clock, course, groups, proposals, waiting } = deps;

  /** @throws Unavailable (to be tried again) where a publish was quicker */
  return async function join(scope: CourseScope, checkpoint: Checkpoint = () => undefined): Promise<Joined> {
    const { publishing } = await course.courses.select(scope);
    if (publishing !== null) await finishPublish(deps, scope, publishing, checkpoint);
    const { groupsVersion: version, settings } = await course.courses.select(scope);
    if (version === 0) return NOBODY;
    const at = clock();
    const places = await groups.places(scope, version);
    const fellows = await readFellows(deps, scope);
    const left = await leaversOf(deps, scope, fellows, places, at);
    const late = [...fellows.keys()].filter((personId) => !places.has(personId));
    const newest = (await proposals.list(scope, 100)).find(({ state }) => state === 'published');
    const people = new Map((await readPeople(course, scope, late)).map((one) => [one.id, one]));
    const { ready, reasons } = sortOut(
      late,
      people,
      (newest?.anywhere ?? false) || (await knowsNoPlaces(deps, scope)),
    );
    const rows: PlanRow[] = [...left];
    const unseen = new Set<string>();
    if (settings.placeLate) {
      const gone = new Set(left.map(({ personId }) => personId));
      const sizes = newest?.rules ?? DEFAULT_RULES;
      const seats = await seatAll(deps, scope, version, { ready, gone, sizes });
      for (const { id } of ready) if (!seats.has(id)) unseen.add(id);
      for (const [personId, seat] of seats) {
        if (typeof seat === 'string') reasons.set(personId, seat);
        else rows.push(rowOf(personId, seat, at));
      }
    } else for (const { id } of ready) reasons.set(id, 'by_hand');
    if (rows.length > 0)
      await publishRows(
        deps,
        scope,
        version,
        { proposalId: null, publication: null, by: BY, at },
        rows,
        checkpoint,
      );
    const { groupsVersion: now } = await course.courses.select(scope);
    // Where groups have changed since, a newer look has noted who waits.
    if (now === (rows.length > 0 ? version + 1 : version)) await waiting.note(scope, reasons, at, unseen);
    const counts = { joined: rows.length - left.length, ended: left.length };
    const more = unseen.size > 0 ? ({ more: true } as const) : {};
    return { ...counts, waiting: reasons.size + unseen.size, ...more };
  };
}
export type Joiner = ReturnType<typeof createJoiner>;

/** Fellows of the course, those who came first first. */
async function readFellows({ course }: JoinDeps, scope: CourseScope): Promise<Map<string, Enrolment>> {
  const fellows: Enrolment[] = [];
  for await (const page of course.enrolments.each(scope, 'fellow')) fellows.push(...page);
  const inOrder = fellows.toSorted((a, b) => +a.joinedAt - +b.joinedAt || a.number - b.number);
  return new Map(inOrder.map((one) => [one.personId, one]));
}

/** Memberships of people who are no fellows of the course any more, dated by the day they left. */
async function leaversOf(
  { course }: JoinDeps,
  scope: CourseScope,
  fellows: ReadonlyMap<string, Enrolment>,
  places: ReadonlyMap<string, string>,
  at: Date,
): Promise<PlanRow[]> {
  const unseen = [...places.keys()].filter((personId) => !fellows.has(personId));
  const found = unseen.length === 0 ? [] : await course.enrolments.findMany(scope, unseen);
  // Whoever the stream did not show may have come back meanwhile: their own row says.
  const left = found.filter(({ state, role }) => state !== 'active' || role !== 'fellow');
  return left.map((one) => endOf(one, places.get(one.personId) ?? null, at));
}

/** A course in which nobody has a place is one place. */
async function knowsNoPlaces({ course }: JoinDeps, scope: CourseScope): Promise<boolean> {
  return (await course.profiles.places(scope)).length === 0;
}

/** Who can be seated, and what must be known first of the others. */
function sortOut(late: readonly string[], people: ReadonlyMap<string, FormationPerson>, anywhere: boolean) {
  const reasons = new Map<string, WaitReason>();
  const ready: FormationPerson[] = [];
  for (const personId of late) {
    const person = people.get(personId);
    if (person === undefined || person.track === '') reasons.set(personId, 'track_unknown');
    else if (!anywhere && !hasPlace(person)) reasons.set(personId, 'place_unknown');
    else ready.push(person);
  }
  return { ready, reasons };
}

/** One by one, each in the groups as those before left them. */
async function seatAll(
  deps: JoinDeps,
  scope: CourseScope,
  version: number,
  { ready, gone, sizes }: { ready: readonly FormationPerson[]; gone: ReadonlySet<string>; sizes: Sizes },
): Promise<Map<string, Seat | WaitReason>> {
  const { groups, plans, promised, mostSeats = MOST_SEATS } = deps;
  const seats = new Map<string, Seat | WaitReason>();
  if (ready.length === 0) return seats;
  const tracks = new Set(ready.map(({ track }) => track));
  const live = await readOpenGroups(deps, scope, version, tracks, gone);
  const people = await withPairs(deps, scope, live, ready);
  const soon = await promised(scope);
  for (const group of live) group.promised = soon.get(group.id) ?? 0;
  const ids = ready.map(({ id }) => id);
  const [history, out] = await Promise.all([
    groups.historyOf(scope, version, ids),
    plans.takenOut(scope, ids),
  ]);
  const former = new Map(history.map((one) => [one.personId, one]));
  /** What those who are alike were told since a seat was given last. */
  const barren = new Map<string, WaitReason>();
  let given = 0;
  for (const [at, person] of people.entries()) {
    if (given === mostSeats) break;
    if (at % PAUSE_EVERY === 0) await setImmediate();
    const last = former.get(person.id);
    // Whoever staff took out is not put back by themselves.
    const taken = last?.until != null && out.get(person.id)?.getTime() === last.until.getTime();
    const alike = likeOf(person);
    const known = alike === null ? undefined : barren.get(alike);
    const seat = taken ? 'taken_out' : (known ?? seatFor(person, live, sizes, last?.groupId ?? null));
    seats.set(person.id, seat);
    if (typeof seat === 'string') {
      if (alike !== null && !taken) barren.set(alike, seat);
      continue;
    }
    given += 1;
    barren.clear();
    const group = live.find(({ id }) => id === seat.groupId);
    group?.people.push(person);
    if (seat.guest) group?.guestIds.add(person.id);
  }
  return seats;
}

/** Who has no seat where another has none: of one track and place, and bound to nobody. Null for whoever is bound. */
function likeOf({ track, place, mustWith, mustNotWith }: FormationPerson): string | null {
  return mustWith.length + mustNotWith.length > 0 ? null : JSON.stringify([track, place]);
}

function rowOf(personId: string, { groupId: toGroupId, guest, meets }: Seat, at: Date): PlanRow {
  return { personId, fromGroupId: null, toGroupId, guest, cause: 'late', meets, at };
}

/** Not before the look that it waits for has ended. */
class StillLooking extends Error {
  override readonly name = 'StillLooking';
  readonly retryAfterMs = 1_000;
}

export function defineJoin(jobs: Jobs, join: Joiner): void {
  jobs.define(JOIN, {
    attempts: 10,
    run: async ({ scope, signal }: Work<object>) => {
      const joined = await join(scope, () => signal.throwIfAborted());
      if (joined.more === true) await enqueueJoin(jobs, scope);
      return joined;
    },
  });
  jobs.define(JOIN_AFTER, {
    // A second each: for longer than that there is the timed look.
    attempts: 300,
    run: async ({ scope, payload }: Work<{ jobId: string }>) => {
      if ((await jobs.find(scope, payload.jobId))?.active === true) throw new StillLooking();
      await enqueueJoin(jobs, scope);
    },
  });
}
