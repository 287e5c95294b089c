import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { auditModel } from './audit.model.ts';

export type AuditStore = {
  /** A line for each action of staff: ids and counts, no personal data. */
  note(
    scope: CourseScope,
    by: string,
    action: string,
    subject: string | null,
    details?: Readonly<Record<string, string | number | boolean | null>>,
  ): Promise<void>;
};

/** Who among staff did what, when. */
export function createAuditStore(database: Database, clock: () => Date): AuditStore {
  const model = auditModel(database);
  return {
    async note({ courseId }, by, action, subject, details = {}) {
      await model.create({
        _id: newId(),
        courseId,
        at: clock(),
        by,
        action,
        subject,
        details: { ...details },
      });
    },
  };
}
