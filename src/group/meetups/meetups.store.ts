import type { Database, Stage } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import { Conflict, NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type MeetupDocument, meetupModel, MEETUPS, type RollCounts } from './meetups.model.ts';

export type Meetup = Omit<MeetupDocument, '_id'> & { readonly id: string };
export type MeetupFields = Pick<Meetup, 'title' | 'startsAt' | 'endsAt' | 'link' | 'channel'>;
export type NewMeetup = MeetupFields & Pick<Meetup, 'groupId' | 'plannedBy'>;
/** Where a page of a list begins: behind this meetup. */
export type MeetupKey = { readonly startsAt: Date; readonly id: string };

export type MeetupStore = {
  /**
   * Plans meetups of one group, all from one form: sent again, it answers those it planned before.
   * @throws Conflict where the form planned something else before
   */
  plan(scope: CourseScope, meetups: readonly NewMeetup[], formKey?: string): Promise<readonly string[]>;
  /** @throws NotFound also for a meetup of another group */
  select(scope: CourseScope, groupId: string, meetupId: string): Promise<Meetup>;
  findMany(scope: CourseScope, meetupIds: readonly string[]): Promise<readonly Meetup[]>;
  /** Those that are not over, the soonest first. */
  upcoming(
    scope: CourseScope,
    groupId: string,
    now: Date,
    after: MeetupKey | null,
    limit: number,
  ): Promise<readonly Meetup[]>;
  /** Those that are over, the latest first. */
  past(
    scope: CourseScope,
    groupId: string,
    now: Date,
    before: MeetupKey | null,
    limit: number,
  ): Promise<readonly Meetup[]>;
  /** The next meetup of each group, also where it has begun. */
  nextOf(scope: CourseScope, groupIds: readonly string[], now: Date): Promise<ReadonlyMap<string, Meetup>>;
  /** False where it was cancelled, or its roll begun. */
  change(scope: CourseScope, meetupId: string, fields: MeetupFields): Promise<boolean>;
  /** False where it was cancelled before, or its roll begun. */
  cancel(scope: CourseScope, meetupId: string, by: string): Promise<boolean>;
  /** Takes a cancellation back; false where there is none. */
  restore(scope: CourseScope, meetupId: string): Promise<boolean>;
  /** Before a roll is written down: false where the meetup was cancelled, or begins at another time than was read. */
  beginRoll(scope: CourseScope, meetupId: string, startsAt: Date): Promise<boolean>;
  /** A roll is written down: for the first time, once more in the same words, or with other ones. */
  markHeld(
    scope: CourseScope,
    meetupId: string,
    by: string,
    counts: RollCounts,
    corrects: boolean,
  ): Promise<void>;
  countHeld(scope: CourseScope): Promise<number>;
};

/** Meetups of groups. */
export function createMeetupStore(database: Database, clock: () => Date): MeetupStore {
  const model = meetupModel(database);
  const listed = async (filter: object, direction: 1 | -1, limit: number): Promise<Meetup[]> => {
    const rows = await model
      .find(filter)
      .sort({ startsAt: direction, _id: direction })
      .limit(limit)
      .lean<MeetupDocument[]>();
    return rows.map(plain);
  };
  const matched = async (filter: object, $set: object): Promise<boolean> =>
    (await model.updateOne(filter, { $set })).matchedCount === 1;
  return {
    async plan({ courseId }, meetups, formKey = newId()) {
      const rows = meetups.map((meetup, ordinal) => ({
        ...meetup,
        ...{ _id: newId(), courseId, formKey, ordinal, state: 'planned' as const },
      }));
      try {
        await model.insertMany(rows, { ordered: false, throwOnValidationError: true });
        return rows.map(({ _id }) => _id);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const [{ groupId } = { groupId: '' }] = meetups;
      const there = await model.find({ courseId, groupId, formKey }).lean<MeetupDocument[]>();
      const same = rows.every((row) => there.some((one) => one.ordinal === row.ordinal && isSame(one, row)));
      if (!same || there.length !== rows.length) throw new Conflict('form_used');
      return there.toSorted((a, b) => a.ordinal - b.ordinal).map(({ _id }) => _id);
    },
    async select({ courseId }, groupId, meetupId) {
      const row = await model.findOne({ courseId, groupId, _id: meetupId }).lean<MeetupDocument>();
      if (row === null) throw new NotFound();
      return plain(row);
    },
    async findMany({ courseId }, meetupIds) {
      const rows = await model.find({ courseId, _id: { $in: meetupIds } }).lean<MeetupDocument[]>();
      return rows.map(plain);
    },
    upcoming: ({ courseId }, groupId, now, after, limit) =>
      listed({ courseId, groupId, endsAt: { $gt: now }, ...beyond(after, '$gt') }, 1, limit),
    past: ({ courseId }, groupId, now, before, limit) =>
      listed({ courseId, groupId, endsAt: { $lte: now }, ...beyond(before, '$lt') }, -1, limit),
    async nextOf({ courseId }, groupIds, now) {
      const rows = await model
        .find({ courseId, groupId: { $in: groupIds }, state: 'planned', endsAt: { $gt: now } })
        .sort({ startsAt: -1, _id: -1 })
        .lean<MeetupDocument[]>();
      return new Map(rows.map((row) => [row.groupId, plain(row)]));
    },
    change: ({ courseId }, _id, fields) =>
      matched({ courseId, _id, state: 'planned', rollBegunAt: null }, fields),
    cancel: ({ courseId }, _id, cancelledBy) =>
      matched(
        { courseId, _id, state: 'planned', rollBegunAt: null },
        { state: 'cancelled', cancelledBy, cancelledAt: clock() },
      ),
    restore: ({ courseId }, _id) =>
      matched(
        { courseId, _id, state: 'cancelled' },
        { state: 'planned', cancelledBy: null, cancelledAt: null },
      ),
    beginRoll: ({ courseId }, _id, startsAt) =>
      matched({ courseId, _id, startsAt, state: 'planned' }, { rollBegunAt: clock() }),
    async markHeld({ courseId }, _id, by, counts, corrects) {
      const now = clock();
      const first = { rollBegunAt: now, rollTakenAt: now, rollTakenBy: by, counts };
      if (await matched({ courseId, _id, rollTakenAt: null }, first)) return;
      await matched(
        { courseId, _id },
        { counts, ...(corrects ? { rollCorrectedAt: now, rollCorrectedBy: by } : {}) },
      );
    },
    countHeld: ({ courseId }) => model.countDocuments({ courseId, rollTakenAt: { $ne: null } }),
  };
}

/** Puts a group's next meetup, also where it has begun, and the earliest that wants its roll beside a row. */
export function meetupsBeside({ courseId }: CourseScope, groupId: string, now: Date): readonly Stage[] {
  const soonest = { $sort: { startsAt: 1, _id: 1 } } as const;
  const first = (match: object, as: string): Stage => ({
    $lookup: { from: MEETUPS, pipeline: [{ $match: match }, soonest, { $limit: 1 }], as },
  });
  return [
    first({ courseId, groupId, state: 'planned', endsAt: { $gt: now } }, 'next'),
    first({ courseId, groupId, startsAt: { $lte: now }, state: 'planned', rollTakenAt: null }, 'due'),
  ];
}

/** What `meetupsBeside` put there. */
export function meetupsIn(row: object): { readonly next: Meetup | null; readonly due: Meetup | null } {
  const { next, due } = row as { next: MeetupDocument[]; due: MeetupDocument[] };
  const one = ([document]: MeetupDocument[]): Meetup | null =>
    document === undefined ? null : plain(document);
  return { next: one(next), due: one(due) };
}

/** Behind a meetup in a list; the first condition is what the index begins at. */
function beyond(key: MeetupKey | null, direction: '$gt' | '$lt'): object {
  if (key === null) return {};
  const { startsAt, id } = key;
  const there = direction === '$gt' ? { $gte: startsAt } : { $lte: startsAt };
  return {
    startsAt: there,
    $or: [{ startsAt: { [direction]: startsAt } }, { _id: { [direction]: id } }],
  };
}

function isSame(one: MeetupFields, other: MeetupFields): boolean {
  return (
    one.title === other.title &&
    one.link === other.link &&
    one.startsAt.getTime() === other.startsAt.getTime() &&
    one.endsAt.getTime() === other.endsAt.getTime()
  );
}

function plain({ _id, ...rest }: MeetupDocument): Meetup {
  return { id: _id, ...rest };
}
