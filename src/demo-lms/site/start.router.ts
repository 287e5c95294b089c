import express, { Router } from 'express';
import type { Lms } from '../lms.ts';
import type { LmsCourse, LmsEnrolment } from '../records.ts';
import { fieldOf, openSiteSession, sameOrigin, selectVisit, SiteRefusal } from './visits.ts';

const SHOWN_FELLOWS = 6;
const SHOWN_OFFICERS = 3;
const SHOWN_ADDED = 4;
/** Ids of those whom staff added (lms.store.ts). */
const ADDED = /^9\d{3,}$/;

/** The first page: choose who you are; then your courses. */
export function startRouter(lms: Lms): Router {
  const { store } = lms;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '20kb' });

  router.get('/', async (_req, res) => {
    const courses = await store.courses.find({}).sort({ order: 1 }).toArray();
    const administrators = await store.people.find({ administrator: true }).sort({ _id: 1 }).toArray();
    const casts = await Promise.all(courses.map((course) => castOf(lms, course)));
    res.render('start', { administrators, casts });
  });
  // Choosing needs no token: whoever was chosen before is being left.
  router.post('/person', form, sameOrigin(lms), async (req, res) => {
    const person = await store.people.findOne({ _id: fieldOf(req, 'person') });
    if (person === null) throw new SiteRefusal(404, 'nothing');
    await openSiteSession(lms, req, res, person._id);
    res.redirect(303, fieldOf(req, 'course') === '' ? '/courses' : await courseAddress(lms, req));
  });
  router.get('/courses', async (_req, res) => {
    const { person } = selectVisit(res);
    const enrolments = await store.enrolments.find({ personId: person._id, suspended: false }).toArray();
    const mine = { _id: { $in: enrolments.map(({ courseId }) => courseId) } };
    const courses = await store.courses
      .find(person.administrator ? {} : mine)
      .sort({ order: 1 })
      .toArray();
    res.render('courses', { courses });
  });
  return router;
}

async function courseAddress({ store }: Lms, req: express.Request): Promise<string> {
  const course = await store.courses.findOne({ _id: fieldOf(req, 'course') });
  return course === null ? '/courses' : `/courses/${encodeURIComponent(course._id)}`;
}

type Cast = { course: LmsCourse; staff: LmsEnrolment[]; fellows: LmsEnrolment[] };

/** Some people of a course to try: its staff, a Peer Lead or two if it has them, a few fellows. */
async function castOf({ store }: Lms, course: LmsCourse): Promise<Cast> {
  const find = (filter: object, limit: number): Promise<LmsEnrolment[]> =>
    store.enrolments
      .find({ courseId: course._id, suspended: false, ...filter })
      .sort({ order: 1 })
      .limit(limit)
      .toArray();
  const newest = store.enrolments
    .find({ courseId: course._id, suspended: false, personId: ADDED })
    .sort({ order: -1 })
    .limit(SHOWN_ADDED)
    .toArray();
  const [staff, leads, deputies, others, added] = await Promise.all([
    find({ role: { $in: ['instructor', 'mentor'] } }, 4),
    find({ role: 'learner', office: 'lead' }, SHOWN_OFFICERS - 1),
    find({ role: 'learner', office: 'deputy' }, 1),
    find({ role: 'learner', office: null }, SHOWN_FELLOWS),
    newest,
  ]);
  const known = [...leads, ...deputies, ...others].slice(0, SHOWN_FELLOWS);
  const isNew = ({ _id }: LmsEnrolment): boolean => ![...staff, ...known].some((one) => one._id === _id);
  return {
    course,
    staff: [...staff, ...added.filter((one) => one.role !== 'learner' && isNew(one))],
    fellows: [...known, ...added.filter((one) => one.role === 'learner' && isNew(one))],
  };
}
