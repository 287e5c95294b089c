import express, { type Request, type Response, Router } from 'express';
import type { Lms } from '../lms.ts';
import { enrolmentIdOf, type LmsEnrolment, type LmsRole } from '../records.ts';
import { addressOf, BY_NAME, nameFilter, pagingOf, ROWS, wishedPage } from './paging.ts';
import { fieldOf, type Here, ownForms, selectHere, SiteRefusal } from './visits.ts';

const ROLES: readonly LmsRole[] = ['learner', 'mentor', 'instructor'];

/** Who is in the course, for its staff: add, rename, suspend, bring back. */
export function rosterRouter(lms: Lms): Router {
  const { store } = lms;
  const router = Router();
  const change = [express.urlencoded({ extended: false, limit: '20kb' }), ...ownForms(lms)];
  const path = '/courses/:courseId/roster';

  router.get(path, async (req, res) => {
    const here = await selectHere(lms, req, res, { staffOnly: true });
    const wish = wishedPage(req);
    const filter = { courseId: here.course._id, ...nameFilter(wish.search) };
    const paging = pagingOf(req.path, wish, await store.enrolments.countDocuments(filter));
    const rows = await store.enrolments
      .find(filter)
      .sort({ name: 1, _id: 1 })
      .collation(BY_NAME)
      .skip((paging.page - 1) * ROWS)
      .limit(ROWS)
      .toArray();
    res.render('roster', { ...here, rows, paging, roles: ROLES, done: fieldOf(req, 'done', 20) });
  });
  router.post(path, ...change, async (req, res) => {
    const { course } = await selectHere(lms, req, res, { staffOnly: true });
    const name = fieldOf(req, 'name', 120);
    const role = ROLES.find((one) => one === fieldOf(req, 'role')) ?? 'learner';
    if (name === '') throw new SiteRefusal(400, 'name_missing');
    const _id = await store.nextPersonId();
    const email = fieldOf(req, 'email', 120) || `person${_id}@fellows.example`;
    await store.people.insertOne({ _id, name, email, administrator: false, locality: '' });
    await store.enrol(course._id, { _id, name }, role);
    res.redirect(
      303,
      addressOf(`/courses/${course._id}/roster`, { search: name, page: 1 }, { done: 'added' }),
    );
  });
  router.post(`${path}/:personId/name`, ...change, async (req, res) => {
    const { here, row } = await selectRow(lms, req, res);
    const name = fieldOf(req, 'name', 120);
    if (name === '') throw new SiteRefusal(400, 'name_missing');
    await store.rename(row.personId, name);
    back(req, res, here, 'renamed');
  });
  for (const [verb, suspended] of [
    ['suspend', true],
    ['restore', false],
  ] as const) {
    router.post(`${path}/:personId/${verb}`, ...change, async (req, res) => {
      const { here, row } = await selectRow(lms, req, res);
      if (suspended && row.personId === here.person._id) throw new SiteRefusal(409, 'not_yourself');
      await store.suspend(here.course._id, row.personId, suspended);
      back(req, res, here, suspended ? 'suspended' : 'restored');
    });
  }
  return router;
}

async function selectRow(lms: Lms, req: Request, res: Response): Promise<{ here: Here; row: LmsEnrolment }> {
  const here = await selectHere(lms, req, res, { staffOnly: true });
  const _id = enrolmentIdOf(here.course._id, String(req.params['personId']));
  const row = await lms.store.enrolments.findOne({ _id });
  if (row === null) throw new SiteRefusal(404, 'nothing');
  return { here, row };
}

function back(req: Request, res: Response, { course }: Here, done: string): void {
  const address = addressOf(`/courses/${course._id}/roster`, wishedPage(req), { done });
  res.redirect(303, `${address}#p${String(req.params['personId'])}`);
}
