import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import { newId } from '../../database/index.ts';
import { BadRequest, Conflict, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page, type Pages } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { ReceiptOf } from '../participation/receipt.page.ts';
import type { Standings } from '../participation/standings.store.ts';
import type { Grade, OutboxState } from './decide.ts';
import type { GradesPages } from './grades.page.ts';
import type { LineItemStore } from './line-items.store.ts';
import type { OutboxStore } from './outbox.store.ts';
import { enqueuePost, PURPOSE } from './post.job.ts';
import type { Prospects } from './prospects.store.ts';
import type { RunPages } from './runs.page.ts';
import { OUTCOMES } from './runs.ts';

export type GradesRouterDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly standings: Standings;
  readonly lineItems: LineItemStore;
  readonly outbox: OutboxStore;
  readonly prospects: Prospects;
  readonly pages: GradesPages;
  readonly runPages: RunPages;
  readonly receiptOf: ReceiptOf;
};

const STATES: readonly OutboxState[] = ['held', 'refused', 'waiting', 'posted', 'kept'];

/** Grades for staff: every fellow's score, posting it, and what the LMS made of it. */
export function gradesRouter(deps: GradesRouterDeps): RoomRouter {
  const { jobs, course, standings, lineItems, outbox, prospects, pages, runPages, receiptOf } = deps;
  const router = createRouter();
  const open = (res: Response, wantedRun?: string) => {
    const { scope, locale } = visitOf(res);
    const words = (res.app.locals['pages'] as Pages).words(locale);
    return lineItems.open(scope, PURPOSE, words('grades:column'), wantedRun);
  };

  const showList = async (res: Response, given: unknown, search: string): Promise<void> => {
    const show = STATES.find((state) => state === field(given, 'show')) ?? null;
    const [after, afterRow] = [field(given, 'after') || null, field(given, 'row') || null];
    page(res, 'grades/list', await pages.list(visitOf(res).scope, { search, show, after, afterRow }));
  };
  router.get('/grades', allow('manager', 'mentor'), (req, res) => showList(res, req.query, ''));
  // A search names people, so it travels in a form's body and never in an address.
  router.post('/grades/find', allow('manager', 'mentor'), (req, res) =>
    showList(res, req.body, field(req.body, 'q').slice(0, 60)),
  );
  router.get('/grades/post', allow('manager'), async (_req, res) => {
    const { scope } = visitOf(res);
    const now = await pages.state(scope);
    page(res, 'grades/confirm', { ...now, prospect: await prospects.count(scope, now.lineItem) });
  });
  router.post('/grades/post', allow('manager'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    if (!(await pages.state(scope)).offered) throw new Conflict('grades_not_offered');
    const runId = newId();
    await open(res, runId);
    const { jobId } = await enqueuePost(jobs, scope.courseId, { runId });
    await course.audit.note(scope, personId, 'post_grades', jobId);
    seeOther(res, '/grades/posting');
  });
  router.get('/grades/posting', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const only = OUTCOMES.find((outcome) => outcome === field(req.query, 'show')) ?? null;
    const [of, afterRow] = [field(req.query, 'of'), field(req.query, 'row') || null];
    const run = of === '' ? await runPages.last(scope, { only, afterRow }) : await runPages.order(scope, of);
    if (run === null || run.job === null) seeOther(res, '/grades');
    // Whoever reads a page of lines while the LMS is away is not to be sent back to its beginning.
    else
      page(res, 'grades/posting', { ...run, ...(run.job.active && run.first ? { refreshSeconds: 2 } : {}) });
  });

  router.get('/grades/people/:personId', allow('manager', 'mentor'), async (req, res) => {
    const visit = visitOf(res);
    const personId = String(req.params['personId']);
    const [receipt, grade] = await Promise.all([
      receiptOf(visit, personId),
      pages.line(visit.scope, personId),
    ]);
    page(res, 'grades/receipt', { receipt, grade, own: false });
  });
  router.post('/grades/people/:personId/grade', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const personId = String(req.params['personId']);
    if ((await course.enrolments.find(scope, personId)) === null) throw new NotFound();
    const choice = field(req.body, 'choice');
    if (choice !== 'keep' && choice !== 'post') throw new BadRequest('grade_choice');
    const seen = seenOf(req.body);
    const lineItem = await lineItems.find(scope, PURPOSE);
    const before = lineItem === null ? null : await outbox.find(scope, lineItem.id, personId);
    if (before === null) throw new Conflict('grade_not_held');
    if (before.found !== seen) throw new Conflict('grade_changed');
    const details = { theirs: seen, ours: before.score };
    if (choice === 'keep') {
      if (!(await outbox.keep(scope, before.lineItemId, personId, seen)))
        throw new Conflict('grade_not_held');
      await course.audit.note(scope, by, 'grade_keep', personId, details);
      seeOther(res, `/grades/people/${personId}`);
      return;
    }
    const { score = null, activityAt = null } = (await standings.of(scope, [personId])).get(personId) ?? {};
    if (score === null || activityAt === null) throw new Conflict('grade_nothing');
    const wanted = { personId, score, activityAt };
    if (!(await outbox.postInstead(scope, before.lineItemId, wanted, seen, newId())))
      throw new Conflict('grade_not_held');
    await open(res);
    await enqueuePost(jobs, scope.courseId, { runId: null });
    await course.audit.note(scope, by, 'grade_post_anyway', personId, { ...details, ours: score });
    seeOther(res, `/grades/posting?of=${personId}`);
  });
  return router;
}

/** The LMS's grade that the page showed with the choice. */
function seenOf(body: unknown): Grade {
  const seen = field(body, 'seen');
  return seen === '' ? null : Number(seen);
}
