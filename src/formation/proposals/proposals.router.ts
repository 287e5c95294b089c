import { stringify } from 'csv-stringify/sync';
import { fold } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { newId } from '../../database/index.ts';
import { BadRequest, Conflict, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { DEFAULT_RULES, type FormationRules } from '../engine/types.ts';
import { PROPOSE } from './propose.job.ts';
import type { ProposalStore } from './proposals.store.ts';

export type ProposalDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly placedPersonIds: (scope: CourseScope) => Promise<ReadonlySet<string>>;
};

const PAGE = 30;
const MOST_UNPLACED = 300;

/** The Groups tab: propose, look, publish. */
export function proposalsRouter({ jobs, course, proposals, placedPersonIds }: ProposalDeps): RoomRouter {
  const router = createRouter();
  const namesOf = async (scope: CourseScope, personIds: readonly string[]) =>
    new Map(
      (await course.enrolments.findMany(scope, personIds)).map((person) => [
        person.personId,
        displayName(person),
      ]),
    );

  router.get('/groups', allow('manager', 'mentor'), async (_req, res) => {
    const { scope } = visitOf(res);
    const [fellows, unknown, list, job, placed] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      course.countUnknown(scope),
      proposals.list(scope, 10),
      jobs.findLatest(scope, PROPOSE),
      placedPersonIds(scope),
    ]);
    page(res, 'formation/groups', {
      fellows,
      unknown,
      placed: placed.size,
      proposals: list.filter(({ state }) => state !== 'forming'),
      job,
      rules: DEFAULT_RULES,
    });
  });
  router.post('/groups/propose', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const payload = { proposalId: newId(), rules: readRules(req.body), by: personId };
    await jobs.enqueue({ kind: PROPOSE, courseId: scope.courseId, key: scope.courseId, payload });
    await course.audit.note(scope, personId, 'propose_groups', payload.proposalId, {
      min: payload.rules.min,
      ideal: payload.rules.ideal,
      max: payload.rules.max,
    });
    seeOther(res, '/groups/proposing');
  });
  router.get('/groups/proposing', allow('manager', 'mentor'), async (_req, res) => {
    const job = await jobs.findLatest(visitOf(res).scope, PROPOSE);
    if (job === null) throw new NotFound();
    if (job.state === 'done' && res.req.get('hx-request') !== 'true') {
      seeOther(res, `/groups/proposals/${(job.payload as { proposalId: string }).proposalId}`);
      return;
    }
    page(res, 'formation/proposing', {
      job,
      proposalId: (job.payload as { proposalId: string }).proposalId,
      ...(job.active ? { refreshSeconds: 2 } : {}),
    });
  });
  router.get('/groups/proposals/:proposalId', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await proposals.select(scope, String(req.params['proposalId']));
    const search = field(req.query, 'q').slice(0, 60);
    const after = Number(field(req.query, 'after') || -1);
    const rows =
      search === ''
        ? await proposals.groups(scope, proposal.id, Number.isInteger(after) ? after : -1, PAGE + 1)
        : await searched(scope, proposal.id, search);
    const shown = rows.slice(0, PAGE);
    const [reasons, unplaced] = await Promise.all([
      proposals.unplacedReasons(scope, proposal.id),
      proposals.unplaced(scope, proposal.id, MOST_UNPLACED),
    ]);
    const names = await namesOf(scope, [
      ...shown.flatMap(({ memberIds }) => memberIds),
      ...unplaced.map(({ personId }) => personId),
    ]);
    page(res, 'formation/proposal', {
      proposal,
      groups: shown,
      names,
      search,
      next: search === '' && rows.length > PAGE ? (shown.at(-1)?.ordinal ?? null) : null,
      first: after < 0,
      reasons: Object.entries(reasons),
      unplaced,
    });
  });
  const searched = async (scope: CourseScope, proposalId: string, search: string) => {
    const people = await course.enrolments.list(scope, { state: 'active', role: 'fellow', search }, null, 50);
    const literal = new RegExp(fold(search).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return proposals.search(
      scope,
      proposalId,
      literal,
      people.map(({ personId }) => personId),
      PAGE,
    );
  };
  router.post('/groups/proposals/:proposalId/discard', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const proposal = await proposals.select(scope, String(req.params['proposalId']));
    if (proposal.state === 'published') throw new Conflict('proposal_published');
    await proposals.setState(scope, proposal.id, 'discarded');
    await course.audit.note(scope, personId, 'discard_proposal', proposal.id);
    seeOther(res, '/groups');
  });
  router.get('/groups/proposals/:proposalId/groups.csv', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await proposals.select(scope, String(req.params['proposalId']));
    const lines: string[][] = [['group', 'track', 'place', 'rung', 'id', 'name']];
    for (let after = -1; ;) {
      const groups = await proposals.groups(scope, proposal.id, after, 500);
      const people = new Map(
        (
          await course.enrolments.findMany(
            scope,
            groups.flatMap(({ memberIds }) => memberIds),
          )
        ).map((person) => [person.personId, person]),
      );
      for (const group of groups) {
        for (const id of group.memberIds) {
          const person = people.get(id);
          lines.push([
            group.name,
            group.track,
            group.place,
            group.rung,
            person?.sub ?? '',
            person === undefined ? '' : displayName(person),
          ]);
        }
      }
      const last = groups.at(-1);
      if (last === undefined || groups.length < 500) break;
      after = last.ordinal;
    }
    res
      .attachment(`proposal-${proposal.number}.csv`)
      .type('text/csv')
      .send(stringify(lines, { bom: true, escape_formulas: true }));
  });
  return router;
}

/** @throws BadRequest where no group could be of these sizes */
function readRules(body: unknown): FormationRules {
  const size = (name: 'min' | 'ideal' | 'max'): number => {
    const text = field(body, name);
    return text === '' ? DEFAULT_RULES[name] : Number(text);
  };
  const [min, ideal, max] = [size('min'), size('ideal'), size('max')];
  if (![min, ideal, max].every(Number.isInteger) || min < 2 || min > ideal || ideal > max || max > 50)
    throw new BadRequest('sizes_senseless');
  return { ...DEFAULT_RULES, min, ideal, max };
}
