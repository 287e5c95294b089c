import type { RevisedWrite } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { personIdOf } from '../identity.ts';
import type { EnrolmentDocument, RosterChange, Stay } from './enrolments.model.ts';
import { changesOf, fieldsOf, mergeFacts, type Told } from './merge.ts';

export type Enrolment = Omit<EnrolmentDocument, '_id'> & { readonly id: string };
export type EnrolmentWrite = RevisedWrite<EnrolmentDocument>;
/** Whom somebody tells about, and what: a launch, a roster or staff. */
export type Word = {
  readonly platformId: string;
  readonly sub: string;
  readonly told: Told;
  /** Of the sync that tells; null elsewhere. */
  readonly syncId: string | null;
};

/** A person's enrolment in a course has this id. */
export function enrolmentIdOf(scope: CourseScope, personId: string): string {
  return `${scope.courseId}.${personId}`;
}

/** What must be written for somebody to be in the course as told; null where they are already. */
export function arrivalOf(
  scope: CourseScope,
  before: Enrolment | null,
  { platformId, sub, told, syncId }: Word,
  now: Date,
): EnrolmentWrite | null {
  if (before?.erasedAt) return null;
  const facts = mergeFacts(before, told);
  if (before === null) {
    const personId = personIdOf(platformId, sub);
    const id = enrolmentIdOf(scope, personId);
    const fixed = { courseId: scope.courseId, personId, platformId, sub, joinedAt: now };
    const here = {
      state: 'active' as const,
      leftAt: null,
      erasedAt: null,
      stays: [{ from: now, until: null }],
    };
    const change = syncId === null ? null : { syncId, what: 'added' as const, fields: [] };
    return { id, revision: 0, set: { ...fixed, ...facts, ...here, change } };
  }
  const changes = changesOf(before, facts);
  const back = before.state === 'left';
  if (!back && Object.keys(changes).length === 0) return null;
  const change = syncId === null ? null : changeOf(before, syncId, fieldsOf(changes));
  const set = {
    ...changes,
    ...(back
      ? { state: 'active' as const, leftAt: null, stays: [...before.stays, { from: now, until: null }] }
      : {}),
    ...(change === null ? {} : { change }),
  };
  return { id: before.id, revision: before.revision, set };
}

/** What must be written for somebody to have left; null where they have. The dates of every stay are kept. */
export function departureOf(before: Enrolment, syncId: string, now: Date): EnrolmentWrite | null {
  if (before.state === 'left') return null;
  const change: RosterChange = { syncId, what: 'left', fields: [] };
  const gone = { state: 'left' as const, leftAt: now, stays: closed(before.stays, now), change };
  return { id: before.id, revision: before.revision, set: gone };
}

/** What must be written so that nobody knows who it was. */
export function erasureOf(before: Enrolment, now: Date): EnrolmentWrite | null {
  if (before.erasedAt !== null) return null;
  const nameless = { ...before, name: null, email: null, chosenName: null };
  const { name, email, chosenName, nameFolded, emailFolded } = mergeFacts(nameless, {});
  const gone = {
    sub: '',
    role: 'visitor' as const,
    roleOverride: 'visitor' as const,
    state: 'left' as const,
  };
  const dates = { leftAt: before.leftAt ?? now, erasedAt: now, stays: closed(before.stays, now) };
  const set = { name, email, chosenName, nameFolded, emailFolded, ...gone, ...dates, change: null };
  return { id: before.id, revision: before.revision, set };
}

const BROUGHT: readonly RosterChange['what'][] = ['added', 'returned', 'listed'];

/** A sync that was interrupted and runs again still counts those as new whom it brought. */
function changeOf(before: Enrolment, syncId: string, fields: string[]): RosterChange | null {
  const begun = before.change?.syncId === syncId ? before.change : null;
  if (begun !== null && BROUGHT.includes(begun.what)) return begun;
  if (before.state === 'left') return { syncId, what: 'returned', fields: [] };
  if (!before.inRoster) return { syncId, what: 'listed', fields };
  return fields.length === 0 ? begun : { syncId, what: 'changed', fields };
}

function closed(stays: readonly Stay[], now: Date): Stay[] {
  return stays.map((stay) => (stay.until === null ? { ...stay, until: now } : stay));
}
