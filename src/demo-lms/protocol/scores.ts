import { z } from 'zod';
import type { Lms } from '../lms.ts';
import { enrolmentIdOf, type LmsGrade, type LmsLineItem, type LmsTool } from '../records.ts';
import { addressOf } from './line-items.ts';

/** https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service */
const Score = z
  .object({
    userId: z.string().min(1),
    timestamp: z.iso.datetime({ offset: true }),
    activityProgress: z.enum(['Initialized', 'Started', 'InProgress', 'Submitted', 'Completed']),
    gradingProgress: z.enum(['NotReady', 'Failed', 'Pending', 'PendingManual', 'FullyGraded']),
    scoreGiven: z.number().min(0).nullish(),
    scoreMaximum: z.number().positive().nullish(),
    comment: z.string().nullish(),
  })
  .refine(({ scoreGiven, scoreMaximum }) => (scoreGiven ?? null) === null || (scoreMaximum ?? null) !== null);

/**
 * Takes a score as Moodle does and answers the status: 400 for what is no score and for whoever is no learner here,
 * `behaviour.unknownUserStatus` for nobody's id, `behaviour.staleStatus` where the stored second is not before the score's. Anything but
 * FullyGraded erases the grade. A staff member's change of a coupled column stays, and the tool is told 200 all the
 * same; in a column of the tool's own the score overwrites it.
 */
export async function takeScore(lms: Lms, item: LmsLineItem, body: unknown): Promise<number> {
  const { store, behaviour } = lms;
  const parsed = Score.safeParse(body);
  if (!parsed.success) return 400;
  const { userId: personId, timestamp, comment } = parsed.data;
  if ((await store.people.findOne({ _id: personId })) === null) return behaviour.unknownUserStatus;
  const enrolment = await store.enrolments.findOne({ _id: enrolmentIdOf(item.courseId, personId) });
  if (enrolment?.role !== 'learner' || enrolment.suspended) return 400;
  const known = await store.grades.findOne({ lineItemId: item._id, personId });
  if (
    known?.timestamp !== undefined &&
    known.timestamp !== null &&
    secondOf(known.timestamp) >= secondOf(timestamp)
  )
    return behaviour.staleStatus;
  const toolScore = scoreOf(parsed.data, item);
  const staffStays = item.resourceLinkId !== null && known?.overridden === true;
  const change = staffStays
    ? { toolScore, timestamp }
    : { toolScore, timestamp, score: toolScore, comment: comment ?? null, overridden: false };
  await store.grades.updateOne(
    { lineItemId: item._id, personId },
    { $set: change, $setOnInsert: { _id: `${item._id}.${personId}`, courseId: item.courseId } },
    { upsert: true },
  );
  behaviour.afterScore?.();
  return behaviour.takenStatus;
}

function scoreOf(score: z.infer<typeof Score>, { scoreMaximum }: LmsLineItem): number | null {
  const { gradingProgress, scoreGiven, scoreMaximum: of } = score;
  if (gradingProgress !== 'FullyGraded' || typeof scoreGiven !== 'number' || typeof of !== 'number')
    return null;
  // Moodle keeps five decimals and caps at the column's maximum.
  return Math.min(Math.round((scoreGiven / of) * scoreMaximum * 1e5) / 1e5, scoreMaximum);
}

const secondOf = (timestamp: string): number => Math.floor(Date.parse(timestamp) / 1_000);

/** A grade as a result. A zero reads back without a score, as on Moodle. */
export function resultOf(lms: Lms, tool: LmsTool, item: LmsLineItem, grade: LmsGrade): object {
  const address = addressOf(lms, tool, item);
  const { personId, score, comment } = grade;
  const id = address.replace('/lineitem?', '/lineitem/results?');
  return {
    id: `${id}&user_id=${encodeURIComponent(personId)}`,
    userId: personId,
    ...(score === null || score === 0 ? {} : { resultScore: score, resultMaximum: item.scoreMaximum }),
    scoreOf: address,
    ...(comment === null ? {} : { comment }),
  };
}
