import { randomUUID } from 'node:crypto';
import express, { Router } from 'express';
import { z } from 'zod';
import type { LmsStore } from './lms.store.ts';
import type { LmsTool } from './records.ts';

const TOOL = 'https://purl.imsglobal.org/spec/lti-tool-configuration';
const PLATFORM = 'https://purl.imsglobal.org/spec/lti-platform-configuration';
export const SCOPES = [
  'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly',
  'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem',
  'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly',
  'https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly',
  'https://purl.imsglobal.org/spec/lti-ags/scope/score',
];

/** https://www.imsglobal.org/spec/lti-dr/v1p0 */
const Registration = z.object({
  application_type: z.literal('web'),
  response_types: z.array(z.string()).refine((types) => types.includes('id_token')),
  grant_types: z
    .array(z.string())
    .refine((types) => types.includes('client_credentials') && types.includes('implicit')),
  initiate_login_uri: z.url(),
  redirect_uris: z.array(z.url()).min(1),
  client_name: z.string().min(1),
  jwks_uri: z.url(),
  token_endpoint_auth_method: z.literal('private_key_jwt'),
  scope: z.string().default(''),
  [TOOL]: z.object({
    domain: z.string(),
    target_link_uri: z.url(),
    custom_parameters: z.record(z.string(), z.string()).default({}),
    messages: z.array(z.object({ type: z.string() })).default([]),
  }),
});

/** OpenID configuration and dynamic registration, with registration tokens that work once. */
export function createRegistering(store: LmsStore, issuer: string) {
  const tokens = new Set<string>();

  /** The address an administrator opens to install the tool that lives at `toolUrl`. */
  function registrationAddress(toolUrl: string): string {
    const token = randomUUID();
    tokens.add(token);
    const url = new URL('/lti/register', toolUrl);
    url.searchParams.set('openid_configuration', `${issuer}/.well-known/openid-configuration`);
    url.searchParams.set('registration_token', token);
    return url.href;
  }

  const router = Router();
  router.get('/.well-known/openid-configuration', (_req, res) => {
    res.json({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256'],
      jwks_uri: `${issuer}/keys`,
      registration_endpoint: `${issuer}/register`,
      scopes_supported: [...SCOPES, 'openid'],
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: ['sub', 'iss', 'name', 'given_name', 'family_name', 'email'],
      [PLATFORM]: {
        product_family_code: 'demo-lms',
        version: '1.0',
        messages_supported: [{ type: 'LtiResourceLinkRequest' }],
        variables: ['Person.address.timezone'],
      },
    });
  });
  router.post('/register', express.json({ limit: '100kb' }), async (req, res) => {
    const token = /^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '';
    if (!tokens.delete(token)) {
      res.status(401).json({ error: 'invalid_token' });
      return;
    }
    const parsed = Registration.safeParse(req.body);
    const config = parsed.data?.[TOOL];
    if (!parsed.success || config === undefined || new URL(config.target_link_uri).host !== config.domain) {
      res.status(400).json({ error: 'invalid_client_metadata' });
      return;
    }
    const asked = parsed.data.scope.split(' ');
    const tool: LmsTool = {
      _id: randomUUID().slice(0, 13),
      name: parsed.data.client_name,
      loginUrl: parsed.data.initiate_login_uri,
      redirectUris: parsed.data.redirect_uris,
      jwksUrl: parsed.data.jwks_uri,
      targetLinkUri: config.target_link_uri,
      deploymentId: '1',
      scopes: SCOPES.filter((scope) => asked.includes(scope)),
      custom: Object.fromEntries(
        Object.entries(config.custom_parameters).filter(([, value]) => !value.startsWith('$')),
      ),
    };
    await store.tools.deleteMany({});
    await store.tools.insertOne(tool);
    const { [TOOL]: _config, ...echoed } = parsed.data;
    res.json({
      ...echoed,
      client_id: tool._id,
      scope: tool.scopes.join(' '),
      [TOOL]: { ...config, version: '1.3.0', deployment_id: tool.deploymentId },
    });
  });
  return { router, registrationAddress };
}
