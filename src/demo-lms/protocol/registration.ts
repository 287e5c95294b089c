import { z } from 'zod';
import { newId } from '../../database/index.ts';
import type { Lms } from '../lms.ts';
import type { LmsTool } from '../records.ts';
import { MESSAGES, PLATFORM_CONFIGURATION, SCOPES, TOOL_CONFIGURATION, VARIABLES } from './vocabulary.ts';

const address = z.url({ protocol: /^https?$/ });

/** https://www.imsglobal.org/spec/lti-dr/v1p0#tool-configuration */
const Registration = z.object({
  application_type: z.literal('web'),
  response_types: z.array(z.string()).refine((types) => types.includes('id_token')),
  grant_types: z
    .array(z.string())
    .refine((types) => types.includes('client_credentials') && types.includes('implicit')),
  initiate_login_uri: address,
  redirect_uris: z.array(address).min(1),
  client_name: z.string().min(1).max(200),
  jwks_uri: address,
  logo_uri: address.nullish(),
  token_endpoint_auth_method: z.literal('private_key_jwt'),
  scope: z.string().default(''),
  [TOOL_CONFIGURATION]: z.object({
    domain: z.string(),
    target_link_uri: address,
    description: z.string().max(1_000).default(''),
    claims: z.array(z.string()).default([]),
    custom_parameters: z.record(z.string(), z.string()).default({}),
    messages: z.array(z.object({ type: z.string(), target_link_uri: address.optional() })).default([]),
  }),
});

/** What the LMS says about itself (LTI Dynamic Registration 1.0, 3.1). */
export function openidConfiguration(issuer: string): object {
  return {
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
    [PLATFORM_CONFIGURATION]: {
      product_family_code: 'demo-lms',
      version: '1.0',
      messages_supported: [
        { type: MESSAGES.resourceLink },
        { type: MESSAGES.deepLinking, placements: ['ContentArea'] },
      ],
      variables: VARIABLES,
    },
  };
}

/**
 * Installs a tool as it describes itself and answers what it is told of it; null where the description is not one.
 * As on Moodle its pages must lie on the domain that it names.
 */
export async function register(lms: Lms, body: unknown): Promise<object | null> {
  const parsed = Registration.safeParse(body);
  if (!parsed.success) return null;
  const { [TOOL_CONFIGURATION]: configuration, ...metadata } = parsed.data;
  if (new URL(configuration.target_link_uri).host !== configuration.domain) return null;
  const tool = await addTool(lms, {
    name: metadata.client_name,
    description: configuration.description,
    loginUrl: metadata.initiate_login_uri,
    redirectUris: metadata.redirect_uris,
    jwksUrl: metadata.jwks_uri,
    targetLinkUri: configuration.target_link_uri,
    deepLinkUri: deepLinkUriOf(configuration),
    scopes: SCOPES.filter((scope) => metadata.scope.split(' ').includes(scope)),
    custom: configuration.custom_parameters,
    shareName: configuration.claims.includes('name'),
    shareEmail: configuration.claims.includes('email'),
    installed: 'dynamic',
  });
  return {
    ...metadata,
    client_id: tool._id,
    scope: tool.scopes.join(' '),
    [TOOL_CONFIGURATION]: { ...configuration, version: '1.3.0', deployment_id: tool.deploymentId },
  };
}

export type NewTool = Omit<LmsTool, '_id' | 'domain' | 'deploymentId' | 'active' | 'createdAt' | 'usedSince'>;

/** Adds a tool; it is active at once. Courses open it where they open none yet, and else go on with the one they have. */
export async function addTool({ store, clock }: Lms, given: NewTool): Promise<LmsTool> {
  const now = clock().getTime();
  const first = (await store.findSiteTool()) === null;
  const tool: LmsTool = {
    ...given,
    // Letters and digits alone: a client id is typed into a command, where a leading hyphen would be an option.
    _id: newId().replace(/[-_]/g, '0').slice(0, 15),
    domain: new URL(given.targetLinkUri).host,
    deploymentId: await store.nextDeploymentId(),
    active: true,
    createdAt: now,
    usedSince: first ? now : 0,
  };
  await store.tools.insertOne(tool);
  return tool;
}

function deepLinkUriOf({
  messages,
  target_link_uri: fallback,
}: {
  messages: readonly { type: string; target_link_uri?: string | undefined }[];
  target_link_uri: string;
}): string | null {
  const message = messages.find(({ type }) => type === MESSAGES.deepLinking);
  return message === undefined ? null : (message.target_link_uri ?? fallback);
}
