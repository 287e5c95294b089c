import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { newId } from '../../database/index.ts';
import type { Lms } from '../lms.ts';
import type { LmsTool } from '../records.ts';
import { CLAIM, DEEP_LINKING } from './vocabulary.ts';

/** https://www.imsglobal.org/spec/lti-dl/v2p0#lti-resource-link */
const Item = z.object({
  type: z.literal('ltiResourceLink'),
  title: z.string().max(255).default(''),
  text: z.string().max(2_000).default(''),
  url: z.url({ protocol: /^https?$/ }).optional(),
  custom: z.record(z.string(), z.string()).default({}),
  lineItem: z
    .object({
      label: z.string().max(255).optional(),
      scoreMaximum: z.number().positive(),
      resourceId: z.string().max(255).default(''),
      tag: z.string().max(255).default(''),
    })
    .optional(),
});
type Item = z.infer<typeof Item>;
const Answer = z.object({
  nonce: z.string().min(1),
  [`${CLAIM}message_type`]: z.literal('LtiDeepLinkingResponse'),
  [`${CLAIM}version`]: z.literal('1.3.0'),
  [`${CLAIM}deployment_id`]: z.string(),
  [`${DEEP_LINKING}content_items`]: z.array(z.unknown()).default([]),
  [`${DEEP_LINKING}data`]: z.string(),
});

export type Added = { readonly courseId: string; readonly titles: readonly string[] };

const NONCE_LIFE_MS = 24 * 3_600_000;

/**
 * Takes the answer to a deep linking request, once: signed by the tool, for this LMS, with the request's data. Links
 * must be of the tool's own domain, as on Moodle; null where anything is amiss. No items is a cancelled choice.
 */
export async function takeDeepLinks(lms: Lms, ticket: string, jwt: string): Promise<Added | null> {
  const awaited = await lms.secrets.spend('deepLink', ticket);
  const tool = awaited === null ? null : await lms.store.tools.findOne({ _id: awaited.toolId, active: true });
  if (awaited === null || tool === null) return null;
  const claims = await verified(lms, tool, jwt);
  if (claims === null || claims[`${DEEP_LINKING}data`] !== awaited.data) return null;
  if (claims[`${CLAIM}deployment_id`] !== tool.deploymentId) return null;
  if (!(await lms.secrets.markUsed('nonce', `${tool._id} ${claims.nonce}`, NONCE_LIFE_MS))) return null;
  const items = z.array(Item).safeParse(claims[`${DEEP_LINKING}content_items`]);
  if (!items.success || !items.data.every(({ url }) => url === undefined || isOf(tool, url))) return null;
  for (const item of items.data) await addLink(lms, tool, awaited.courseId, item);
  return { courseId: awaited.courseId, titles: items.data.map((item) => titleOf(tool, item)) };
}

async function verified(lms: Lms, tool: LmsTool, jwt: string): Promise<z.infer<typeof Answer> | null> {
  try {
    const { payload } = await jwtVerify(jwt, createRemoteJWKSet(new URL(tool.jwksUrl)), {
      algorithms: ['RS256'],
      issuer: tool._id,
      audience: lms.issuer,
      requiredClaims: ['iat', 'exp'],
      currentDate: lms.clock(),
    });
    return Answer.safeParse(payload).data ?? null;
  } catch {
    return null;
  }
}

/** A link, and the column that comes with it, coupled to it. */
async function addLink({ store, clock }: Lms, tool: LmsTool, courseId: string, item: Item): Promise<void> {
  const linkId = newId();
  await store.links.insertOne({
    _id: linkId,
    courseId,
    title: titleOf(tool, item),
    text: item.text,
    toolId: tool._id,
    targetLinkUri: item.url ?? null,
    custom: item.custom,
  });
  if (item.lineItem === undefined) return;
  const { label = titleOf(tool, item), ...column } = item.lineItem;
  await store.lineItems.insertOne({
    ...column,
    _id: newId(),
    courseId,
    toolId: tool._id,
    label,
    resourceLinkId: linkId,
    createdAt: clock().getTime(),
  });
}

const titleOf = (tool: LmsTool, { title }: Item): string => (title === '' ? tool.name : title);
const isOf = (tool: LmsTool, url: string): boolean => new URL(url).host === tool.domain;
