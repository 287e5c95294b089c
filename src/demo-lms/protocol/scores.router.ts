import express, { Router } from 'express';
import type { Lms } from '../lms.ts';
import { findItem, itemOf, toolOf } from './line-items.router.ts';
import { resultOf, takeScore } from './scores.ts';
import { needScope, needType } from './tokens.ts';
import { AGS_SCOPE, MEDIA } from './vocabulary.ts';

/** Scores in, results out (AGS v2 with Moodle's manners). */
export function scoresRouter(lms: Lms): Router {
  const { behaviour, store } = lms;
  const router = Router();
  const one = '/services/courses/:courseId/lineitems/:itemId/lineitem';
  router.post(
    `${one}/scores`,
    behaviour.guard('scores'),
    needScope(lms, AGS_SCOPE.score),
    needType('content-type', MEDIA.score),
    express.json({ type: MEDIA.score, limit: '50kb' }),
    findItem(lms),
    async (req, res) => {
      const status = await takeScore(lms, itemOf(res), req.body);
      res
        .status(status)
        .type(MEDIA.score)
        .send(status < 300 ? '' : wordsOf(lms, status));
    },
  );
  router.get(
    [`${one}/results`, `${one}/results/:personId`],
    behaviour.guard('results'),
    needScope(lms, AGS_SCOPE.result),
    needType('accept', MEDIA.results),
    findItem(lms),
    async (req, res) => {
      // Moodle breaks down when a limit is asked for.
      if (req.query['limit'] !== undefined) {
        res.status(500).type('html').send('<h1>Internal Server Error</h1>');
        return;
      }
      const byPath = behaviour.resultsBy === 'path';
      if (byPath !== req.path.replace(/^.*\/results/, '').startsWith('/')) {
        res.status(404).type('json').send('{"detail":"Not found."}');
        return;
      }
      const personId = byPath ? req.params['personId'] : req.query['user_id'];
      const grades = await store.grades
        .find({ lineItemId: itemOf(res)._id, ...(typeof personId === 'string' ? { personId } : {}) })
        .sort({ personId: 1 })
        .toArray();
      const results = grades.map((grade) => resultOf(lms, toolOf(res), itemOf(res), grade));
      res.type(MEDIA.results).send(JSON.stringify(results));
    },
  );
  return router;
}

/** Open edX says in words what Moodle says by 409. */
function wordsOf({ behaviour }: Lms, status: number): string {
  return status === 400 && behaviour.staleStatus === 400
    ? '{"timestamp":["Score timestamp can only be updated to a newer value."]}'
    : '[]';
}
