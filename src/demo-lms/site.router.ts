import express, { type Request, type Response, Router } from 'express';
import { parse } from 'cookie';
import type { LmsStore } from './lms.store.ts';
import type { LmsEnrolment, LmsPerson } from './records.ts';
import { courseCsv, PEOPLE } from './seed.ts';

const COOKIE = 'demo_lms_person';
const PAGE = 50;

export type SiteDeps = {
  readonly store: LmsStore;
  readonly toolUrl: string | null;
  readonly issuer: string;
  startLaunch(launch: { personId: string; courseId: string; frame?: boolean }): Promise<string>;
  registrationAddress(toolUrl: string): string;
};

/** The LMS as people see it: choose who you are, open a course, its tool, its roster and its gradebook. */
export function siteRouter({ store, toolUrl, issuer, startLaunch, registrationAddress }: SiteDeps): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '20kb' });

  const personOf = async (req: Request): Promise<LmsPerson | null> =>
    store.people.findOne({ _id: parse(req.headers.cookie ?? '')[COOKIE] ?? '' });
  /** The person and their place in the course; answers the refusal itself where there is none. */
  const member = async (req: Request, res: Response, staffOnly: boolean) => {
    const { courseId = '' } = req.params as { courseId?: string };
    const [person, course] = await Promise.all([personOf(req), store.courses.findOne({ _id: courseId })]);
    const enrolment =
      person === null ? null : await store.enrolments.findOne({ _id: `${courseId}.${person._id}` });
    const staff = person?.administrator === true || enrolment?.role === 'instructor';
    if (
      person === null ||
      course === null ||
      (enrolment === null && !staff) ||
      enrolment?.suspended === true ||
      (staffOnly && !staff)
    ) {
      res
        .status(403)
        .render('message', {
          title: 'Not open to this person',
          text: 'Choose another person on the start page.',
          person,
        });
      return null;
    }
    return { person, course, enrolment, staff };
  };
  const sameSite = (req: Request, res: Response): boolean => {
    const origin = req.get('origin');
    if (origin === undefined || origin === issuer) return true;
    res
      .status(403)
      .render('message', { title: 'Refused', text: 'This form was sent from another site.', person: null });
    return false;
  };

  router.get('/', async (req, res) => {
    const fellows = async (courseId: string) =>
      store.enrolments
        .find({ courseId, role: 'learner', suspended: false })
        .sort({ _id: 1 })
        .limit(8)
        .toArray();
    const courses = await store.courses.find({}).sort({ _id: -1 }).toArray();
    const lists = await Promise.all(
      courses.map(async (course) => ({ course, fellows: await fellows(course._id) })),
    );
    res.render('start', {
      person: await personOf(req),
      lists,
      staff: await store.people
        .find({ _id: { $in: Object.values(PEOPLE) } })
        .sort({ _id: 1 })
        .toArray(),
    });
  });
  router.post('/person', form, async (req, res) => {
    if (!sameSite(req, res)) return;
    const person = await store.people.findOne({ _id: String((req.body as { person?: unknown }).person) });
    if (person !== null) res.cookie(COOKIE, person._id, { httpOnly: true, sameSite: 'lax' });
    res.redirect(303, person === null ? '/' : '/courses');
  });
  router.get('/courses', async (req, res) => {
    const person = await personOf(req);
    if (person === null) {
      res.redirect(303, '/');
      return;
    }
    const enrolments = await store.enrolments.find({ personId: person._id, suspended: false }).toArray();
    const filter = person.administrator ? {} : { _id: { $in: enrolments.map(({ courseId }) => courseId) } };
    res.render('courses', { person, courses: await store.courses.find(filter).sort({ _id: -1 }).toArray() });
  });
  router.get('/courses/:courseId', async (req, res) => {
    const here = await member(req, res, false);
    if (here === null) return;
    res.render('course', {
      ...here,
      open: req.query['open'] === 'here',
      installed: (await store.tools.countDocuments({})) > 0,
    });
  });
  router.get('/courses/:courseId/launch', async (req, res) => {
    const here = await member(req, res, false);
    if (here === null) return;
    const { person, course } = here;
    res.redirect(
      302,
      await startLaunch({ personId: person._id, courseId: course._id, frame: req.query['in'] !== 'window' }),
    );
  });
  router.get('/courses/:courseId/fellows.csv', async (req, res) => {
    const here = await member(req, res, true);
    if (here === null) return;
    if (here.course.csv === null)
      res
        .status(404)
        .render('message', { title: 'No file', text: 'This course has no such file.', person: here.person });
    else res.attachment('tracks-and-places.csv').type('text/csv').send(courseCsv(here.course.csv));
  });

  router.get('/courses/:courseId/roster', async (req, res) => {
    const here = await member(req, res, true);
    if (here === null) return;
    const search = typeof req.query['q'] === 'string' ? req.query['q'].slice(0, 60) : '';
    const page = Math.max(0, Number(req.query['page'] ?? 0) || 0);
    const name =
      search === '' ? {} : { name: { $regex: search.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' } };
    const rows = await store.enrolments
      .find({ courseId: here.course._id, ...name })
      .sort({ name: 1 })
      .skip(page * PAGE)
      .limit(PAGE + 1)
      .toArray();
    res.render('roster', { ...here, rows: rows.slice(0, PAGE), more: rows.length > PAGE, page, search });
  });
  router.post('/courses/:courseId/roster', form, async (req, res) => {
    if (!sameSite(req, res)) return;
    const here = await member(req, res, true);
    if (here === null) return;
    await changeRoster(store, here.course._id, req.body as Record<string, unknown>);
    res.redirect(303, `/courses/${here.course._id}/roster`);
  });

  router.get('/courses/:courseId/grades', async (req, res) => {
    const here = await member(req, res, false);
    if (here === null) return;
    const { course, person, staff } = here;
    const items = await store.lineItems.find({ courseId: course._id }).toArray();
    const page = Math.max(0, Number(req.query['page'] ?? 0) || 0);
    const who = staff ? {} : { personId: person._id };
    const rows: LmsEnrolment[] = await store.enrolments
      .find({ courseId: course._id, role: 'learner', ...who })
      .sort({ name: 1 })
      .skip(page * PAGE)
      .limit(PAGE + 1)
      .toArray();
    const grades = await store.grades.find({ courseId: course._id }).toArray();
    const byKey = new Map(grades.map((grade) => [`${grade.lineItemId} ${grade.personId}`, grade]));
    res.render('grades', {
      ...here,
      items,
      rows: rows.slice(0, PAGE),
      more: rows.length > PAGE,
      page,
      gradeOf: (item: string, personId: string) => byKey.get(`${item} ${personId}`) ?? null,
    });
  });
  router.post('/courses/:courseId/grades', form, async (req, res) => {
    if (!sameSite(req, res)) return;
    const here = await member(req, res, true);
    if (here === null) return;
    const body = req.body as Record<string, unknown>;
    const score = body['score'] === '' ? null : Number(body['score']);
    const item = await store.lineItems.findOne({ _id: String(body['item']), courseId: here.course._id });
    if (item !== null && (score === null || (score >= 0 && score <= item.scoreMaximum))) {
      await setGrade(store, here.course._id, item._id, String(body['person']), score);
    }
    res.redirect(303, `/courses/${here.course._id}/grades?page=${Number(body['page']) || 0}`);
  });

  router.get('/tools', async (req, res) => {
    const person = await personOf(req);
    if (person?.administrator !== true) {
      res
        .status(403)
        .render('message', {
          title: 'For the administrator',
          text: 'Choose the administrator on the start page.',
          person,
        });
      return;
    }
    const address =
      typeof req.query['tool'] === 'string' && URL.canParse(req.query['tool']) ? req.query['tool'] : null;
    res.render('tools', {
      person,
      tools: await store.tools.find({}).toArray(),
      toolUrl,
      register: address === null ? null : registrationAddress(address),
    });
  });
  return router;
}

/** What staff enter by hand; marked, as real gradebooks do. */
export async function setGrade(
  store: LmsStore,
  courseId: string,
  lineItemId: string,
  personId: string,
  score: number | null,
): Promise<void> {
  await store.grades.updateOne(
    { lineItemId, personId },
    {
      $set: { courseId, score, overridden: true },
      $setOnInsert: { _id: `${lineItemId}.${personId}`, timestamp: null, comment: null },
    },
    { upsert: true },
  );
}

async function changeRoster(store: LmsStore, courseId: string, body: Record<string, unknown>): Promise<void> {
  const personId = String(body['person'] ?? '');
  const name = String(body['name'] ?? '')
    .trim()
    .slice(0, 120);
  const key = { _id: `${courseId}.${personId}` };
  if (body['do'] === 'add' && name !== '') {
    const highest = await store.people
      .find({})
      .sort({ _id: -1 })
      .collation({ locale: 'simple' })
      .limit(1)
      .next();
    const person = {
      _id: String(Math.max(Number(highest?._id ?? 0), 9_000) + 1),
      name,
      email: '',
      administrator: false,
    };
    await store.people.insertOne({ ...person, email: `person${person._id}@fellows.example` });
    await store.enrol(courseId, person, 'learner');
  }
  if (body['do'] === 'suspend') await store.enrolments.updateOne(key, { $set: { suspended: true } });
  if (body['do'] === 'bring back') await store.enrolments.updateOne(key, { $set: { suspended: false } });
  if (body['do'] === 'rename' && name !== '') {
    await store.people.updateOne({ _id: personId }, { $set: { name } });
    await store.enrolments.updateMany({ personId }, { $set: { name } });
  }
}
