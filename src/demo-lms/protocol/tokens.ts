import type { Request, RequestHandler } from 'express';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Lms } from '../lms.ts';
import type { LmsTool } from '../records.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LONGEST_ASSERTION_S = 300;
const KEYS_LIMIT_MS = 5_000;

/** The bearer token of a request; '' where there is none. */
export function bearerOf(req: Request): string {
  return /^Bearer (\S+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '';
}

/** Why no token is given: an error code of RFC 6749, 5.2. */
export class TokenRefusal extends Error {
  readonly status: number;
  constructor(
    code: 'invalid_request' | 'unsupported_grant_type' | 'invalid_client' | 'invalid_scope',
    status = 400,
  ) {
    super(code);
    this.status = status;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A token for the scopes that the tool has and asks for
 * (https://www.imsglobal.org/spec/security/v1p0/#using-json-web-tokens-with-oauth-2-0-client-credentials-grant).
 * @throws TokenRefusal
 */
export async function giveToken(lms: Lms, body: Fields): Promise<object> {
  if (body['grant_type'] !== 'client_credentials') throw new TokenRefusal('unsupported_grant_type');
  if (body['client_assertion_type'] !== ASSERTION_TYPE || typeof body['scope'] !== 'string')
    throw new TokenRefusal('invalid_request');
  const tool = await assertingTool(lms, body['client_assertion']);
  const asked = body['scope'].split(' ');
  const having = tool.scopes.filter((scope) => asked.includes(scope));
  const scopes = lms.behaviour.grantScopes?.(having) ?? having;
  if (scopes.length === 0) throw new TokenRefusal('invalid_scope');
  const lifeSeconds = lms.behaviour.tokenLifeSeconds;
  return {
    access_token: await lms.secrets.issue('access', { toolId: tool._id, scopes }, lifeSeconds * 1_000),
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    scope: scopes.join(' '),
  };
}

/** RFC 7523: signed by the tool's own key with RS256, for this endpoint, not from the future, short-lived, used once. */
async function assertingTool(lms: Lms, assertion: unknown): Promise<LmsTool> {
  if (typeof assertion !== 'string') throw new TokenRefusal('invalid_request');
  const tool = await lms.store.tools.findOne({ _id: issuerOf(assertion), active: true });
  if (tool === null) throw new TokenRefusal('invalid_client');
  const now = lms.clock();
  const keys = createRemoteJWKSet(new URL(tool.jwksUrl), { timeoutDuration: KEYS_LIMIT_MS });
  const { payload } = await jwtVerify(assertion, keys, {
    algorithms: ['RS256'],
    issuer: tool._id,
    subject: tool._id,
    audience: lms.behaviour.tokenAudience ?? `${lms.issuer}/token`,
    requiredClaims: ['iat', 'exp', 'jti'],
    currentDate: now,
  }).catch(() => {
    throw new TokenRefusal('invalid_client');
  });
  const { iat = 0, exp = 0, jti = '' } = payload;
  // Moodle gives no leeway on iat.
  if (iat > now.getTime() / 1_000 || exp - iat > LONGEST_ASSERTION_S)
    throw new TokenRefusal('invalid_client');
  if (!(await lms.secrets.markUsed('jti', `${tool._id} ${jti}`, LONGEST_ASSERTION_S * 1_000)))
    throw new TokenRefusal('invalid_client');
  return tool;
}

function issuerOf(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? '';
  } catch {
    throw new TokenRefusal('invalid_client');
  }
}

/** Refuses a request whose bearer token carries none of the scopes; `res.locals.tool` is whose token it is. */
export function needScope(lms: Lms, ...scopes: readonly string[]): RequestHandler {
  return async (req, res, next) => {
    const token = await lms.secrets.find('access', bearerOf(req));
    const tool = token === null ? null : await lms.store.tools.findOne({ _id: token.toolId, active: true });
    if (token === null || tool === null) {
      res.status(401).set('www-authenticate', 'Bearer').json({ error: 'invalid_token' });
    } else if (!scopes.some((scope) => token.scopes.includes(scope))) {
      res.status(403).json({ error: 'insufficient_scope' });
    } else {
      res.locals['tool'] = tool;
      next();
    }
  };
}

/** A service takes one media type and no list of them: as on Moodle, anything else is a 400. */
export function needType(header: 'accept' | 'content-type', type: string): RequestHandler {
  return (req, res, next) => {
    const given = req.get(header) ?? '';
    if ((header === 'accept' ? given : (given.split(';')[0] ?? '').trim()) === type) next();
    else res.status(400).json([]);
  };
}
