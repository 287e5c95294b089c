import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type MeetupDocument, meetupModel, type RollCounts } from './meetups.model.ts';

export type Meetup = Omit<MeetupDocument, '_id'> & { readonly id: string };
export type NewMeetup = Pick<
  Meetup,
  'groupId' | 'title' | 'startsAt' | 'endsAt' | 'link' | 'channel' | 'plannedBy'
>;

export type MeetupStore = {
  plan(scope: CourseScope, meetups: readonly NewMeetup[]): Promise<readonly string[]>;
  /** @throws NotFound also for a meetup of another group */
  select(scope: CourseScope, groupId: string, meetupId: string): Promise<Meetup>;
  findMany(scope: CourseScope, meetupIds: readonly string[]): Promise<readonly Meetup[]>;
  upcoming(scope: CourseScope, groupId: string, now: Date, limit: number): Promise<readonly Meetup[]>;
  past(scope: CourseScope, groupId: string, now: Date, limit: number): Promise<readonly Meetup[]>;
  /** The next meetup of each group. */
  nextOf(scope: CourseScope, groupIds: readonly string[], now: Date): Promise<ReadonlyMap<string, Meetup>>;
  change(
    scope: CourseScope,
    meetupId: string,
    fields: Pick<Meetup, 'title' | 'startsAt' | 'endsAt' | 'link' | 'channel'>,
  ): Promise<void>;
  cancel(scope: CourseScope, meetupId: string): Promise<void>;
  markHeld(scope: CourseScope, meetupId: string, by: string, counts: RollCounts): Promise<void>;
  countHeld(scope: CourseScope): Promise<number>;
};

/** Meetups of groups. */
export function createMeetupStore(database: Database, clock: () => Date): MeetupStore {
  const model = meetupModel(database);
  return {
    async plan({ courseId }, meetups) {
      const rows = meetups.map((meetup) => ({
        ...meetup,
        _id: newId(),
        courseId,
        state: 'planned' as const,
      }));
      await model.insertMany(rows);
      return rows.map(({ _id }) => _id);
    },
    async select({ courseId }, groupId, meetupId) {
      const row = await model.findOne({ _id: meetupId, courseId, groupId }).lean<MeetupDocument>();
      if (row === null) throw new NotFound();
      return plain(row);
    },
    async findMany({ courseId }, meetupIds) {
      const rows = await model.find({ _id: { $in: meetupIds }, courseId }).lean<MeetupDocument[]>();
      return rows.map(plain);
    },
    async upcoming({ courseId }, groupId, now, limit) {
      const rows = await model
        .find({ courseId, groupId, endsAt: { $gt: now } })
        .sort({ startsAt: 1 })
        .limit(limit)
        .lean<MeetupDocument[]>();
      return rows.map(plain);
    },
    async past({ courseId }, groupId, now, limit) {
      const rows = await model
        .find({ courseId, groupId, endsAt: { $lte: now } })
        .sort({ startsAt: -1 })
        .limit(limit)
        .lean<MeetupDocument[]>();
      return rows.map(plain);
    },
    async nextOf({ courseId }, groupIds, now) {
      const rows = await model
        .find({ courseId, groupId: { $in: groupIds }, state: 'planned', endsAt: { $gt: now } })
        .sort({ startsAt: -1 })
        .lean<MeetupDocument[]>();
      return new Map(rows.map((row) => [row.groupId, plain(row)]));
    },
    async change({ courseId }, meetupId, fields) {
      await model.updateOne(
        { _id: meetupId, courseId, state: 'planned', rollTakenAt: null },
        { $set: fields },
      );
    },
    async cancel({ courseId }, meetupId) {
      await model.updateOne({ _id: meetupId, courseId, rollTakenAt: null }, { $set: { state: 'cancelled' } });
    },
    async markHeld({ courseId }, meetupId, rollTakenBy, counts) {
      await model.updateOne(
        { _id: meetupId, courseId },
        { $set: { rollTakenAt: clock(), rollTakenBy, counts } },
      );
    },
    countHeld: ({ courseId }) => model.countDocuments({ courseId, rollTakenAt: { $ne: null } }),
  };
}

function plain({ _id, ...rest }: MeetupDocument): Meetup {
  return { id: _id, ...rest };
}
