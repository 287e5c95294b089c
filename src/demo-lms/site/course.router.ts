import express, { Router } from 'express';
import type { Lms } from '../lms.ts';
import { startLaunch } from '../protocol/launching.ts';
import { MESSAGES } from '../protocol/vocabulary.ts';
import { linkIdOf } from '../records.ts';
import { courseCsv } from '../seed.ts';
import { fieldOf, ownForms, selectHere, SiteRefusal } from './visits.ts';

/** A course: its activities, each of which opens a tool in the page or in a window of its own. */
export function courseRouter(lms: Lms): Router {
  const { store } = lms;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '20kb' });

  router.get('/courses/:courseId', async (req, res) => {
    const here = await selectHere(lms, req, res);
    const links = await store.links.find({ courseId: here.course._id }).sort({ _id: 1 }).toArray();
    const first = linkIdOf(here.course._id);
    const tool = await store.findSiteTool();
    res.render('course', {
      ...here,
      first,
      links: links.toSorted((a, b) => Number(b._id === first) - Number(a._id === first)),
      open: links.find(({ _id }) => _id === req.query['open']) ?? null,
      installed: tool !== null,
      done: fieldOf(req, 'done', 20),
      deepLinks: here.staff && tool !== null && tool.deepLinkUri !== null,
    });
  });
  router.get('/courses/:courseId/links/:linkId/open', async (req, res) => {
    const { person, course, session } = await selectHere(lms, req, res);
    const frame = req.query['in'] !== 'window';
    const wish = { personId: person._id, courseId: course._id, linkId: req.params.linkId, frame };
    res.redirect(302, await startLaunch(lms, { ...wish, session, storage: frame }));
  });
  router.get('/courses/:courseId/add', async (req, res) => {
    res.render('add-link', await selectHere(lms, req, res, { staffOnly: true }));
  });
  router.get('/courses/:courseId/add/open', async (req, res) => {
    const { person, course, session } = await selectHere(lms, req, res, { staffOnly: true });
    const wish = { personId: person._id, courseId: course._id, message: MESSAGES.deepLinking };
    res.redirect(302, await startLaunch(lms, { ...wish, session, storage: true }));
  });
  router.post('/courses/:courseId/links/:linkId/remove', form, ...ownForms(lms), async (req, res) => {
    const { course } = await selectHere(lms, req, res, { staffOnly: true });
    const linkId = String(req.params['linkId']);
    if (linkId === linkIdOf(course._id)) throw new SiteRefusal(409, 'link_stays');
    await store.links.deleteOne({ _id: linkId, courseId: course._id });
    res.redirect(303, `/courses/${course._id}?done=removed`);
  });
  router.get('/courses/:courseId/fellows.csv', async (req, res) => {
    const { course } = await selectHere(lms, req, res, { staffOnly: true });
    if (course.csv === null) throw new SiteRefusal(404, 'nothing');
    res.attachment(`${course.csv}-tracks-and-places.csv`).type('text/csv').send(courseCsv(course.csv));
  });
  return router;
}
