import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import type { CourseServices, LineItemSpec } from '../types.ts';
import { AGS, granted, lineItemScope } from './ags.ts';
import { nextPageOf } from './links.ts';
import type { ServiceClient } from './service-client.ts';
import { parseJson } from './tokens.ts';

const MOST_PAGES = 200;

/** https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service */
const LineItem = z.object({ id: z.string(), resourceId: z.string().nullish(), tag: z.string().nullish() });

/** False where the platform says that the line item is gone; true also where we may not look. */
export async function isStillThere(
  client: ServiceClient,
  platformId: string,
  services: CourseServices,
  url: string,
): Promise<boolean> {
  const scope = lineItemScope(services);
  const { deploymentId } = services;
  if (scope === null) return true;
  try {
    await client.call(platformId, { url, scopes: [scope], deploymentId, accept: AGS.lineItem });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'service_gone') return false;
    throw error;
  }
}

/**
 * The line item of this resourceId and tag, compared here too, since not all platforms filter; a copied course
 * brings its items along. Null where there is none, which is said only after the last page.
 */
export async function searchLineItem(
  client: ServiceClient,
  platformId: string,
  services: CourseServices,
  spec: LineItemSpec,
): Promise<string | null> {
  const scope = lineItemScope(services);
  const { deploymentId } = services;
  if (scope === null || services.lineItemsUrl === null) return null;
  const first = new URL(services.lineItemsUrl);
  first.searchParams.set('resource_id', spec.resourceId);
  first.searchParams.set('tag', spec.tag);
  const seen = new Set<string>();
  let url: string | null = first.href;
  while (url !== null) {
    // A search cut short would end in a second column of the same name.
    if (seen.has(url) || seen.size >= MOST_PAGES) throw new ServiceError('permanent', 'grades_pages_endless');
    seen.add(url);
    const answer = await client.call(platformId, {
      url,
      scopes: [scope],
      deploymentId,
      accept: AGS.lineItems,
    });
    const items = z.array(LineItem).safeParse(parseJson(answer.text));
    if (!items.success) throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
    const ours = items.data.find(({ resourceId, tag }) => resourceId === spec.resourceId && tag === spec.tag);
    if (ours !== undefined) return ours.id;
    url = nextPageOf(answer.headers['link'], url, 'grades');
  }
  return null;
}

/** Creates the line item. @throws ServiceError `grades_no_line_item` where the platform does not let us */
export async function createLineItem(
  client: ServiceClient,
  platformId: string,
  services: CourseServices,
  spec: LineItemSpec,
): Promise<string> {
  const scope = granted(services, 'lineitem');
  if (scope === null || services.lineItemsUrl === null)
    throw new ServiceError('permanent', 'grades_no_line_item');
  const answer = await client.call(platformId, {
    url: services.lineItemsUrl,
    method: 'POST',
    scopes: [scope],
    deploymentId: services.deploymentId,
    accept: AGS.lineItem,
    contentType: AGS.lineItem,
    body: JSON.stringify(spec),
  });
  const item = LineItem.safeParse(parseJson(answer.text));
  // Some answer without a body; the item is there all the same.
  const url = item.success ? item.data.id : await searchLineItem(client, platformId, services, spec);
  if (url === null) throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
  return url;
}
