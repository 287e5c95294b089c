import type { Database } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import { Conflict } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type AppointmentDocument, appointmentModel, type Office } from './appointments.model.ts';

export type { Office } from './appointments.model.ts';
export type Appointment = Omit<AppointmentDocument, '_id'>;

export type AppointmentStore = {
  /** Who holds which office now. */
  current(scope: CourseScope, groupIds: readonly string[]): Promise<readonly Appointment[]>;
  /** Who held an office of this group before. */
  history(scope: CourseScope, groupId: string): Promise<readonly Appointment[]>;
  /** Ends who held the office, and any other office of the person in this group; then appoints. @throws Conflict */
  appoint(scope: CourseScope, groupId: string, personId: string, office: Office, by: string): Promise<void>;
  dismiss(scope: CourseScope, groupId: string, office: Office): Promise<void>;
  countLeads(scope: CourseScope): Promise<number>;
};

/** Peer Leads and Deputies. */
export function createAppointmentStore(database: Database, clock: () => Date): AppointmentStore {
  const model = appointmentModel(database);
  const end = async (filter: object): Promise<void> => {
    await model.updateMany({ ...filter, open: true }, { $set: { open: false, until: clock() } });
  };
  return {
    current: ({ courseId }, groupIds) =>
      model.find({ courseId, groupId: { $in: groupIds }, open: true }).lean<Appointment[]>(),
    history: ({ courseId }, groupId) =>
      model.find({ courseId, groupId, open: false }).sort({ from: -1 }).limit(20).lean<Appointment[]>(),
    async appoint({ courseId }, groupId, personId, office, by) {
      const held = await model
        .findOne({ courseId, groupId, office, personId, open: true })
        .lean<Appointment>();
      if (held !== null) return;
      await end({ courseId, groupId, $or: [{ office }, { personId }] });
      try {
        await model.create({
          _id: newId(),
          courseId,
          groupId,
          personId,
          office,
          from: clock(),
          until: null,
          open: true,
          by,
        });
      } catch (error) {
        if (isDuplicateKey(error)) throw new Conflict('appointed_meanwhile');
        throw error;
      }
    },
    dismiss: ({ courseId }, groupId, office) => end({ courseId, groupId, office }),
    countLeads: ({ courseId }) => model.countDocuments({ courseId, office: 'lead', open: true }),
  };
}
