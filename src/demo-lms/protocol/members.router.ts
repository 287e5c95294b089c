import { Router } from 'express';
import type { Lms } from '../lms.ts';
import {
  type LmsCourse,
  type LmsEnrolment,
  type LmsPerson,
  type LmsTool,
  enrolmentIdOf,
} from '../records.ts';
import { needScope, needType } from './tokens.ts';
import { CLAIM, MEDIA, MESSAGES, NRPS_SCOPE, ROSTER_ROLES } from './vocabulary.ts';

type Query = Readonly<Record<string, unknown>>;
type Found = { readonly rows: readonly LmsEnrolment[]; readonly next: number | null; readonly limit: number };

/** The roster as Moodle 4.5 gives it (NRPS v2): all at once, or in pages where a limit is asked for. */
export function membersRouter(lms: Lms): Router {
  const { store, issuer, behaviour } = lms;
  const router = Router();
  router.get(
    '/services/courses/:courseId/members',
    behaviour.guard('members'),
    needScope(lms, NRPS_SCOPE),
    needType('accept', MEDIA.members),
    async (req, res) => {
      const courseId = String(req.params['courseId']);
      const tool = res.locals['tool'] as LmsTool;
      const course = await store.courses.findOne({ _id: courseId });
      const linkId = typeof req.query['rlid'] === 'string' ? req.query['rlid'] : null;
      const link = linkId === null ? null : await store.links.findOne({ _id: linkId, courseId });
      if (course === null || req.query['type'] !== tool.deploymentId || (linkId !== null && link === null)) {
        res.status(404).json([]);
        return;
      }
      const found = await findRows(lms, courseId, req.query);
      const here = `${issuer}${req.originalUrl}`;
      const next = nextLink(lms, here, found, linkId);
      if (next !== null) res.set('link', `<${next}>; rel="next"`);
      const body = await container(lms, course, tool, found.rows, linkId !== null);
      res.type(MEDIA.members).send(JSON.stringify(behaviour.rosterBody?.(body) ?? body));
    },
  );
  return router;
}

async function findRows({ store, behaviour }: Lms, courseId: string, query: Query): Promise<Found> {
  const limit = numberOf(query['limit']) ?? behaviour.rosterPage ?? 0;
  const from = numberOf(query['from']) ?? 0;
  const wanted = typeof query['role'] === 'string' ? query['role'].replace(/^.*#/, '') : null;
  const roles = (['instructor', 'mentor', 'learner', 'administrator'] as const).filter(
    (role) => wanted === null || ROSTER_ROLES[role].some((name) => name === wanted),
  );
  // Suspended people vanish, as on Moodle.
  const all = store.enrolments
    .find({ courseId, suspended: false, role: { $in: roles } })
    .sort({ order: 1, _id: 1 });
  if (limit === 0) return { rows: await all.skip(from).toArray(), next: null, limit };
  const rows = await all
    .skip(from)
    .limit(limit + 1)
    .toArray();
  return { rows: rows.slice(0, limit), next: rows.length > limit ? from + limit : null, limit };
}

/** Moodle's next link keeps limit and link id, and forgets the role that was asked for. */
function nextLink({ behaviour }: Lms, here: string, found: Found, linkId: string | null): string | null {
  if (found.next === null) return null;
  const next = new URL(here);
  const type = next.searchParams.get('type') ?? '';
  next.search = new URLSearchParams({
    type,
    limit: String(found.limit),
    from: String(found.next),
    ...(linkId === null ? {} : { rlid: linkId }),
  }).toString();
  return behaviour.rosterNext?.(next.href, here) ?? next.href;
}

async function container(
  { store, issuer }: Lms,
  course: LmsCourse,
  tool: LmsTool,
  rows: readonly LmsEnrolment[],
  withMessage: boolean,
): Promise<Record<string, unknown>> {
  const found = await store.people.find({ _id: { $in: rows.map(({ personId }) => personId) } }).toArray();
  const people = new Map(found.map((person) => [enrolmentIdOf(course._id, person._id), person]));
  return {
    id: `${issuer}/services/courses/${course._id}/members?type=${tool.deploymentId}`,
    context: { id: course._id, label: course.label, title: course.title },
    members: rows.map((row) => ({
      status: 'Active',
      roles: ROSTER_ROLES[row.role],
      user_id: row.personId,
      ...shared(people.get(row._id), tool),
      // Like Moodle's, without the custom parameters that a launch would carry.
      ...(withMessage ? { message: [{ [`${CLAIM}message_type`]: MESSAGES.resourceLink }] } : {}),
    })),
  };
}

/** What of a person the tool may know; escaped for HTML, as on Moodle. */
function shared(person: LmsPerson | undefined, tool: LmsTool): object {
  const name = escapeHtml(person?.name ?? '');
  const [givenName = '', ...rest] = name.split(' ');
  return {
    lis_person_sourcedid: '',
    ...(tool.shareName ? { name, given_name: givenName, family_name: rest.join(' ') } : {}),
    ...(tool.shareEmail ? { email: person?.email ?? '' } : {}),
  };
}

function escapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#039;',
  };
  return text.replace(/[&<>"']/g, (character) => named[character] ?? character);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,7}$/.test(value) ? Number(value) : null;
}
