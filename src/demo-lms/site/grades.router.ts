import express, { type Request, type Response, Router } from 'express';
import type { Lms } from '../lms.ts';
import { enrolmentIdOf, type LmsGrade, type LmsLineItem } from '../records.ts';
import { addressOf, BY_NAME, nameFilter, pagingOf, ROWS, wishedPage } from './paging.ts';
import { fieldOf, type Here, ownForms, selectHere, SiteRefusal } from './visits.ts';

/** The gradebook: staff see and change all grades, fellows see their own. */
export function gradesRouter(lms: Lms): Router {
  const { store } = lms;
  const router = Router();
  const change = [express.urlencoded({ extended: false, limit: '20kb' }), ...ownForms(lms)];
  const path = '/courses/:courseId/grades';

  router.get(path, async (req, res) => {
    const here = await selectHere(lms, req, res);
    const items = await store.lineItems.find({ courseId: here.course._id }).sort({ createdAt: 1 }).toArray();
    const sees = here.staff || here.enrolment?.role === 'mentor';
    const wish = wishedPage(req);
    const filter = {
      courseId: here.course._id,
      role: 'learner' as const,
      ...(sees ? nameFilter(wish.search) : { personId: here.person._id }),
    };
    const paging = pagingOf(req.path, wish, await store.enrolments.countDocuments(filter));
    const rows = await store.enrolments
      .find(filter)
      .sort({ name: 1, _id: 1 })
      .collation(BY_NAME)
      .skip((paging.page - 1) * ROWS)
      .limit(ROWS)
      .toArray();
    const gradeOf = await gradesOf(
      lms,
      here,
      rows.map(({ personId }) => personId),
    );
    res.render('grades', { ...here, sees, items, rows, paging, gradeOf, done: fieldOf(req, 'done', 20) });
  });
  router.post(`${path}/:itemId/:personId`, ...change, async (req, res) => {
    const { here, item, personId } = await selectCell(lms, req, res);
    await store.setStaffGrade(item, personId, readScore(fieldOf(req, 'score', 20), item));
    back(req, res, here, 'changed');
  });
  router.post(`${path}/:itemId/:personId/return`, ...change, async (req, res) => {
    const { here, item, personId } = await selectCell(lms, req, res);
    await store.clearStaffGrade(item, personId);
    back(req, res, here, 'returned');
  });
  return router;
}

type GradeOf = (itemId: string, personId: string) => LmsGrade | null;

async function gradesOf({ store }: Lms, { course }: Here, personIds: readonly string[]): Promise<GradeOf> {
  const grades = await store.grades
    .find({ courseId: course._id, personId: { $in: [...personIds] } })
    .toArray();
  const byCell = new Map(grades.map((grade) => [`${grade.lineItemId} ${grade.personId}`, grade]));
  return (itemId, personId) => byCell.get(`${itemId} ${personId}`) ?? null;
}

async function selectCell(lms: Lms, req: Request, res: Response) {
  const here = await selectHere(lms, req, res, { staffOnly: true });
  const { itemId, personId } = req.params as { itemId: string; personId: string };
  const [item, enrolment] = await Promise.all([
    lms.store.lineItems.findOne({ _id: itemId, courseId: here.course._id }),
    lms.store.enrolments.findOne({ _id: enrolmentIdOf(here.course._id, personId) }),
  ]);
  if (item === null || enrolment?.role !== 'learner') throw new SiteRefusal(404, 'nothing');
  return { here, item, personId };
}

/** Blank takes the grade away. @throws SiteRefusal for what is no number from 0 to the column's maximum */
function readScore(text: string, { scoreMaximum }: LmsLineItem): number | null {
  if (text === '') return null;
  const score = /^\d{1,6}([.,]\d{1,5})?$/.test(text) ? Number(text.replace(',', '.')) : NaN;
  if (!(score >= 0 && score <= scoreMaximum)) throw new SiteRefusal(400, 'score_unfit');
  return score;
}

function back(req: Request, res: Response, { course }: Here, done: string): void {
  const address = addressOf(`/courses/${course._id}/grades`, wishedPage(req), { done });
  res.redirect(303, `${address}#p${String(req.params['personId'])}`);
}
