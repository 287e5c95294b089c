import { randomUUID } from 'node:crypto';
import express, { type RequestHandler, Router } from 'express';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { createBehaviour } from './behaviour.ts';
import { lineItemRouter } from './line-items.ts';
import type { LmsStore } from './lms.store.ts';

const NRPS = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly';
const NRPS_TYPE = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json';

export type FullBehaviour = ReturnType<typeof createBehaviour>;
/** Refuses a request whose bearer token does not carry the scope. */
export type NeedScope = (...scopes: readonly string[]) => RequestHandler;

/** Keys, tokens, roster and gradebook for the tool, as strict as a real platform's. */
export function servicesRouter(store: LmsStore, issuer: string, behaviour: FullBehaviour): Router {
  const tokens = new Map<string, { scopes: string[]; until: number }>();
  const assertions = new Set<string>();
  const needScope: NeedScope =
    (...scopes) =>
    (req, res, next) => {
      const token = tokens.get(/^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '');
      if (token === undefined || token.until < Date.now()) res.status(401).json({ error: 'invalid_token' });
      else if (!scopes.some((scope) => token.scopes.includes(scope)))
        res.status(403).json({ error: 'insufficient_scope' });
      else next();
    };

  const router = Router();
  router.get('/keys', behaviour.guard('keys'), async (_req, res) => {
    const keys = await store.keys.find({}).toArray();
    res.json({ keys: keys.map(({ publicJwk }) => publicJwk) });
  });
  router.post(
    '/token',
    behaviour.guard('token'),
    express.urlencoded({ extended: false }),
    async (req, res) => {
      const scopes = await verifiedScopes(req.body as Record<string, unknown>).catch(() => null);
      if (scopes === null) {
        res.status(400).json({ error: 'invalid_client' });
        return;
      }
      const token = randomUUID();
      tokens.set(token, { scopes, until: Date.now() + behaviour.tokenLifeSeconds * 1_000 });
      res.json({
        access_token: token,
        token_type: 'Bearer',
        expires_in: behaviour.tokenLifeSeconds,
        scope: scopes.join(' '),
      });
    },
  );

  /** RFC 7523: signed by the tool's key, for this endpoint, not from the future, and used once. */
  async function verifiedScopes(body: Record<string, unknown>): Promise<string[]> {
    const assertion = String(body['client_assertion']);
    const tool = await store.tools.findOne({});
    if (
      tool === null ||
      body['grant_type'] !== 'client_credentials' ||
      decodeProtectedHeader(assertion).alg !== 'RS256'
    )
      throw new Error('refused');
    const { payload } = await jwtVerify(assertion, createRemoteJWKSet(new URL(tool.jwksUrl)), {
      algorithms: ['RS256'],
      issuer: tool._id,
      subject: tool._id,
      audience: `${issuer}/token`,
      requiredClaims: ['iat', 'exp', 'jti'],
      maxTokenAge: 600,
    });
    const now = Date.now() / 1_000;
    if ((payload.iat ?? 0) > now || (payload.exp ?? 0) - (payload.iat ?? 0) > 300) throw new Error('refused');
    if (assertions.has(String(payload.jti))) throw new Error('refused');
    assertions.add(String(payload.jti));
    return String(body['scope'])
      .split(' ')
      .filter((scope) => tool.scopes.includes(scope));
  }

  router.get(
    '/services/courses/:courseId/members',
    behaviour.guard('members'),
    needScope(NRPS),
    async (req, res) => {
      const { courseId = '' } = req.params;
      if (req.get('accept') !== NRPS_TYPE) {
        res.status(400).json({ error: 'unsupported media type' });
        return;
      }
      const limit = Number(req.query['limit'] ?? behaviour.rosterPage ?? 0);
      const from = Number(req.query['from'] ?? 0);
      const course = await store.courses.findOne({ _id: courseId });
      // Suspended people vanish from the roster, as on Moodle.
      const listed = store.enrolments.find({ courseId, suspended: false }).sort({ _id: 1 }).skip(from);
      const rows = await (limit > 0 ? listed.limit(limit) : listed).toArray();
      const people = new Map(
        (await store.people.find({ _id: { $in: rows.map(({ personId }) => personId) } }).toArray()).map(
          (person) => [person._id, person],
        ),
      );
      if (limit > 0 && rows.length === limit) {
        const next = new URL(req.originalUrl, issuer);
        next.searchParams.set('limit', String(limit));
        next.searchParams.set('from', String(from + limit));
        res.set('link', `<${next.href}>; rel="next"`);
      }
      const members = rows.map(({ personId, role }) => {
        const person = people.get(personId);
        const escaped = (person?.name ?? '').replaceAll('&', '&amp;').replaceAll("'", '&#039;');
        return {
          status: 'Active',
          roles: [role === 'instructor' ? 'Instructor' : 'Learner'],
          user_id: personId,
          lis_person_sourcedid: '',
          name: escaped,
          given_name: escaped.split(' ')[0],
          family_name: escaped.split(' ').slice(1).join(' '),
          email: person?.email ?? '',
        };
      });
      res
        .type(NRPS_TYPE)
        .send(
          JSON.stringify({
            id: `${issuer}${req.path}`,
            context: { id: courseId, label: course?.label, title: course?.title },
            members,
          }),
        );
    },
  );
  router.use('/services/courses/:courseId/lineitems', lineItemRouter(store, issuer, behaviour, needScope));
  return router;
}
