import { randomUUID } from 'node:crypto';
import express, { Router } from 'express';
import { z } from 'zod';
import type { LmsStore } from './lms.store.ts';
import type { LmsLineItem } from './records.ts';
import type { FullBehaviour, NeedScope } from './services.ts';

const AGS = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
const TYPE = 'application/vnd.ims.lis.';
const NewItem = z.object({
  label: z.string().min(1),
  scoreMaximum: z.number().positive(),
  resourceId: z.string().default(''),
  tag: z.string().default(''),
});
const Score = z.object({
  userId: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
  activityProgress: z.string(),
  gradingProgress: z.string(),
  scoreGiven: z.number().min(0).nullish(),
  scoreMaximum: z.number().positive().nullish(),
  comment: z.string().nullish(),
});

/** AGS v2 with Moodle's manners: line items, scores, results of one course. */
export function lineItemRouter(
  store: LmsStore,
  issuer: string,
  behaviour: FullBehaviour,
  needScope: NeedScope,
): Router {
  const router = Router({ mergeParams: true });
  const read = needScope(`${AGS}lineitem`, `${AGS}lineitem.readonly`);
  const addressOf = (item: LmsLineItem): string =>
    `${issuer}/services/courses/${item.courseId}/lineitems/${item._id}/lineitem?type=1`;
  const shown = (item: LmsLineItem) => ({
    id: addressOf(item),
    label: item.label,
    scoreMaximum: item.scoreMaximum,
    resourceId: item.resourceId,
    tag: item.tag,
  });
  const courseOf = (params: unknown): string => (params as { courseId: string }).courseId;
  const find = (params: unknown) => {
    const { courseId, itemId } = params as { courseId: string; itemId: string };
    return store.lineItems.findOne({ _id: itemId, courseId });
  };

  router.get('/', behaviour.guard('lineitems'), read, async (req, res) => {
    const { resource_id: resourceId, tag } = req.query;
    const filter = {
      courseId: courseOf(req.params),
      ...(typeof resourceId === 'string' ? { resourceId } : {}),
      ...(typeof tag === 'string' ? { tag } : {}),
    };
    const items = await store.lineItems.find(filter).toArray();
    res.type(`${TYPE}v2.lineitemcontainer+json`).send(JSON.stringify(items.map(shown)));
  });
  router.post(
    '/',
    behaviour.guard('lineitems'),
    needScope(`${AGS}lineitem`),
    express.json({ type: `${TYPE}v2.lineitem+json` }),
    async (req, res) => {
      const parsed = NewItem.safeParse(req.body);
      if (!parsed.success) {
        res.status(400).json([]);
        return;
      }
      const item: LmsLineItem = {
        _id: randomUUID(),
        courseId: courseOf(req.params),
        resourceLinkId: null,
        ...parsed.data,
      };
      await store.lineItems.insertOne(item);
      res
        .status(201)
        .type(`${TYPE}v2.lineitem+json`)
        .send(JSON.stringify(shown(item)));
    },
  );
  router.get('/:itemId/lineitem', behaviour.guard('lineitems'), read, async (req, res) => {
    const item = await find(req.params);
    if (item === null) res.status(404).json([]);
    else res.type(`${TYPE}v2.lineitem+json`).send(JSON.stringify(shown(item)));
  });
  router.get(
    '/:itemId/lineitem/results',
    behaviour.guard('results'),
    needScope(`${AGS}result.readonly`),
    async (req, res) => {
      const item = await find(req.params);
      if (item === null) {
        res.status(404).json([]);
        return;
      }
      const personId = req.query['user_id'];
      const grades = await store.grades
        .find({ lineItemId: item._id, ...(typeof personId === 'string' ? { personId } : {}) })
        .toArray();
      const results = grades.map((grade) => ({
        id: `${addressOf(item)}&user_id=${grade.personId}`,
        userId: grade.personId,
        // A zero grade reads back without a score, as on Moodle.
        ...(grade.score === null || grade.score === 0
          ? {}
          : { resultScore: grade.score, resultMaximum: item.scoreMaximum }),
        scoreOf: addressOf(item),
        comment: grade.comment,
      }));
      res.type(`${TYPE}v2.resultcontainer+json`).send(JSON.stringify(results));
    },
  );
  router.post(
    '/:itemId/lineitem/scores',
    behaviour.guard('scores'),
    needScope(`${AGS}score`),
    express.json({ type: `${TYPE}v1.score+json` }),
    async (req, res) => {
      const item = await find(req.params);
      const status = item === null ? 404 : await takeScore(store, item, req.body);
      if (status === 200 && behaviour.afterScore !== null) behaviour.afterScore();
      res
        .status(status)
        .type(`${TYPE}v1.score+json`)
        .send(status === 200 ? '' : '[]');
    },
  );
  return router;
}

/** Moodle: 400 for whoever is no learner, 409 where the stored second is not before the score's. */
async function takeScore(store: LmsStore, item: LmsLineItem, body: unknown): Promise<number> {
  const parsed = Score.safeParse(body);
  if (!parsed.success) return 400;
  const { userId: personId, timestamp, scoreGiven, scoreMaximum, gradingProgress, comment } = parsed.data;
  const enrolment = await store.enrolments.findOne({ _id: `${item.courseId}.${personId}` });
  if (enrolment === null) return 404;
  if (enrolment.role !== 'learner') return 400;
  const second = (text: string): number => Math.floor(Date.parse(text) / 1_000);
  const known = await store.grades.findOne({ lineItemId: item._id, personId });
  if (
    known?.timestamp !== null &&
    known?.timestamp !== undefined &&
    second(known.timestamp) >= second(timestamp)
  )
    return 409;
  const given = gradingProgress === 'FullyGraded' ? (scoreGiven ?? null) : null;
  if (given !== null && (scoreMaximum ?? null) === null) return 400;
  const score =
    given === null ? null : Math.min((given / (scoreMaximum ?? 1)) * item.scoreMaximum, item.scoreMaximum);
  await store.grades.updateOne(
    { lineItemId: item._id, personId },
    {
      $set: { courseId: item.courseId, score, timestamp, comment: comment ?? null, overridden: false },
      $setOnInsert: { _id: `${item._id}.${personId}` },
    },
    { upsert: true },
  );
  return 200;
}
