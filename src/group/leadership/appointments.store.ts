import type { Database, Stage } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import { Conflict } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import {
  type AppointmentDocument,
  appointmentModel,
  APPOINTMENTS,
  type Office,
} from './appointments.model.ts';

export type { Office } from './appointments.model.ts';
export type Appointment = Omit<AppointmentDocument, '_id'>;

export type Vacancy = Pick<Appointment, 'groupId' | 'personId' | 'office' | 'by'> & {
  readonly instead: string | null;
};

export type AppointmentStore = {
  /** Who holds which office now. Counts only while they are members: readers hold it against the group's members. */
  current(scope: CourseScope, groupIds: readonly string[]): Promise<readonly Appointment[]>;
  /** Everybody of the course who holds this office. */
  holders(scope: CourseScope, office: Office): Promise<readonly Appointment[]>;
  /** Who held an office of this group before, newest first. */
  history(scope: CourseScope, groupId: string): Promise<readonly Appointment[]>;
  /** Every office that this person holds or held. */
  heldBy(scope: CourseScope, personId: string): Promise<readonly Appointment[]>;
  /**
   * Appoints, and ends who held the office. A Deputy may become Peer Lead and is Deputy no more; nobody is both.
   * Answers whether anything changed, and whom it replaced.
   * @throws Conflict where the Peer Lead would become Deputy, or somebody else appointed at the same moment
   */
  appoint(
    scope: CourseScope,
    groupId: string,
    personId: string,
    office: Office,
    by: string,
  ): Promise<{ changed: boolean; replaced: string | null }>;
  /**
   * Appoints where nobody holds the office but `instead`, who left the group or the course. False where somebody was
   * appointed meanwhile, so that it may be done twice.
   */
  fill(scope: CourseScope, vacancy: Vacancy): Promise<boolean>;
  /** Ends an appointment; answers whose it was. */
  dismiss(scope: CourseScope, groupId: string, office: Office): Promise<string | null>;
  /** Ends the offices of people who left these groups. May be done twice, or late. */
  endFor(
    scope: CourseScope,
    left: readonly { personId: string; groupId: string; until: Date }[],
  ): Promise<void>;
};

const BATCH = 1_000;
const SHOWN = 20;

/** Peer Leads and Deputies: dated appointments. */
export function createAppointmentStore(database: Database, clock: () => Date): AppointmentStore {
  const model = appointmentModel(database);
  const end = async (filter: object): Promise<void> => {
    await model.updateMany({ ...filter, open: true }, { $set: { open: false, until: clock() } });
  };
  /** False where somebody holds the office, or this person another: the unique indexes say so. */
  const begin = async (appointment: Omit<Appointment, 'from' | 'until' | 'open'>): Promise<boolean> => {
    try {
      await model.create({ ...appointment, _id: newId(), from: clock(), until: null, open: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  };
  const holder = ({ courseId }: CourseScope, groupId: string, office: Office) =>
    model.findOne({ courseId, groupId, office, open: true }).lean<Appointment>();
  return {
    current: ({ courseId }, groupIds) =>
      model.find({ courseId, groupId: { $in: groupIds }, open: true }).lean<Appointment[]>(),
    holders: ({ courseId }, office) => model.find({ courseId, office, open: true }).lean<Appointment[]>(),
    history: ({ courseId }, groupId) =>
      model.find({ courseId, groupId, open: false }).sort({ from: -1 }).limit(SHOWN).lean<Appointment[]>(),
    heldBy: ({ courseId }, personId) =>
      model.find({ courseId, personId }).sort({ from: 1 }).lean<Appointment[]>(),
    async appoint(scope, groupId, personId, office, by) {
      const { courseId } = scope;
      const own = await model.findOne({ courseId, personId, open: true }).lean<Appointment>();
      const here = own?.groupId === groupId ? own.office : null;
      if (here === office) return { changed: false, replaced: null };
      if (here === 'lead') throw new Conflict('office_is_lead');
      const before = await holder(scope, groupId, office);
      await end({ courseId, groupId, office });
      // An office in a group they have left since would stand in the way.
      await end({ courseId, personId });
      if (!(await begin({ courseId, groupId, personId, office, by })))
        throw new Conflict('appointed_meanwhile');
      return { changed: true, replaced: before?.personId ?? null };
    },
    async fill({ courseId }, { instead, ...vacancy }) {
      const { groupId, personId, office } = vacancy;
      if (instead !== null) await end({ courseId, groupId, office, personId: instead });
      // Whoever is a member here left every other group, and its office with it.
      await end({ courseId, personId, groupId: { $ne: groupId } });
      return begin({ courseId, ...vacancy });
    },
    async dismiss(scope, groupId, office) {
      const before = await holder(scope, groupId, office);
      if (before !== null)
        await end({ courseId: scope.courseId, groupId, office, personId: before.personId });
      return before?.personId ?? null;
    },
    async endFor({ courseId }, left) {
      for (let start = 0; start < left.length; start += BATCH) {
        const batch = left.slice(start, start + BATCH);
        const personIds = batch.map(({ personId }) => personId);
        const open = await model
          .find({ courseId, personId: { $in: personIds }, open: true })
          .lean<Appointment[]>();
        for (const { personId, groupId } of open) {
          const until = batch.find((one) => one.personId === personId && one.groupId === groupId)?.until;
          if (until === undefined) continue;
          // One that began later belongs to a later membership.
          await model.updateOne(
            { courseId, personId, groupId, open: true, from: { $lte: until } },
            { $set: { open: false, until } },
          );
        }
      }
    },
  };
}

/** Puts those who hold the group's offices beside a row, as `officers`. */
export function officersBeside({ courseId }: CourseScope, groupId: string): Stage {
  const held = { $match: { courseId, groupId, open: true } };
  return { $lookup: { from: APPOINTMENTS, pipeline: [held], as: 'officers' } };
}
