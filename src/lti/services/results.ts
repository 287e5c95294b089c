import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import type { Profile } from '../profiles.ts';
import type { CourseServices, LtiResult } from '../types.ts';
import { AGS, below, granted } from './ags.ts';
import { nextPageOf } from './links.ts';
import type { ServiceClient } from './service-client.ts';
import { parseJson } from './tokens.ts';

const MOST_PAGES = 2_000;
const NOTHING: LtiResult = { resultScore: null, resultMaximum: null, comment: null };

/** https://www.imsglobal.org/spec/lti-ags/v2p0/#result-service */
const Result = z.object({
  userId: z.union([z.string(), z.number()]).transform(String),
  // Moodle leaves a zero's score out altogether.
  resultScore: z.unknown().optional().transform(numberOf),
  resultMaximum: z.unknown().optional().transform(numberOf),
  comment: z.string().nullish().catch(null),
});

/** One person's result. Null only where the platform does not let us read results. */
export async function readResult(
  client: ServiceClient,
  platformId: string,
  services: CourseServices,
  lineItemUrl: string,
  sub: string,
): Promise<LtiResult | null> {
  const scope = granted(services, 'result.readonly');
  const { deploymentId } = services;
  if (scope === null) return null;
  const { results: by } = await client.profileOf(platformId);
  let url: string | null = addressOf(lineItemUrl, sub, by).href;
  for (let page = 0; url !== null; page += 1) {
    if (page >= MOST_PAGES) throw new ServiceError('permanent', 'grades_pages_endless');
    const answer = await client
      .call(platformId, { url, scopes: [scope], deploymentId, accept: AGS.results })
      .catch(orGone);
    if (answer === null) return NOTHING;
    const results = z.array(Result).safeParse(parseJson(answer.text));
    if (!results.success) throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
    // Not all filter, so the person may be on any page.
    const result = results.data.find(({ userId }) => userId === sub);
    if (result !== undefined) {
      const { resultScore, resultMaximum, comment } = result;
      return { resultScore, resultMaximum, comment: comment ?? null };
    }
    url = nextPageOf(answer.headers['link'], url, 'grades');
  }
  return NOTHING;
}

/** Never with `limit`: Moodle answers it with 500. */
function addressOf(lineItemUrl: string, sub: string, by: Profile['results']): URL {
  const url = below(lineItemUrl, '/results');
  // An id that the path cannot hold is looked for among all.
  if (by === 'path') url.pathname += `/${/^[^/.]+$/.test(sub) ? encodeURIComponent(sub) : ''}`;
  else url.searchParams.set('user_id', sub);
  return url;
}

/** Some platforms write numbers as text; what is no number is no grade. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Some platforms say 404 of a person without a result; where the line item itself is gone, the post will say so. */
function orGone(error: unknown): null {
  if (error instanceof ServiceError && error.code === 'service_gone') return null;
  throw error;
}
