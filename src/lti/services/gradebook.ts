import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import type { CourseServices, Gradebook, LineItemSpec } from '../types.ts';
import { linkOf } from './links.ts';
import type { ServiceClient } from './service-client.ts';
import { parseJson } from './tokens.ts';

/** https://www.imsglobal.org/spec/lti-ags/v2p0/ */
const SCOPE = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
const TYPE = 'application/vnd.ims.lis.';
const LINE_ITEM = `${TYPE}v2.lineitem+json`;
const LINE_ITEMS = `${TYPE}v2.lineitemcontainer+json`;
const RESULTS = `${TYPE}v2.resultcontainer+json`;
const SCORE = `${TYPE}v1.score+json`;
const MOST_PAGES = 100;
/** Without this Canvas counts each score as an attempt and overwrites what an instructor entered. */
const CANVAS = {
  'https://canvas.instructure.com/lti/submission': {
    new_submission: false,
    submission_type: 'none',
    prioritize_non_tool_grade: true,
  },
};

const LineItem = z.object({ id: z.string(), resourceId: z.string().nullish(), tag: z.string().nullish() });
const Result = z.object({
  userId: z.union([z.string(), z.number()]).transform(String),
  resultScore: z.coerce.number().nullish(),
  resultMaximum: z.coerce.number().nullish(),
  comment: z.string().nullish(),
});

/** The AGS v2 client: line items, results, scores, by granted scopes alone. */
export function createGradebook(client: ServiceClient): Gradebook {
  return {
    async selectLineItem(platformId, services, spec, knownUrl) {
      const scopes = lineItemScopes(services);
      const known = services.lineItemUrl ?? knownUrl;
      if (known !== null && (await stillThere(client, platformId, known, scopes))) return known;
      if (services.lineItemsUrl === null) {
        if (known !== null) return known;
        throw new ServiceError('permanent', 'grades_no_line_item');
      }
      return (
        (await search(client, platformId, services.lineItemsUrl, spec, scopes)) ??
        (await create(client, platformId, services, services.lineItemsUrl, spec))
      );
    },
    async findResult(platformId, services, lineItemUrl, sub) {
      const scope = granted(services, 'result.readonly');
      if (scope === null) return null;
      const url = below(lineItemUrl, '/results');
      url.searchParams.set('user_id', sub);
      const answer = await client.call(platformId, { url: url.href, scopes: [scope], accept: RESULTS });
      const results = z.array(Result).safeParse(parseJson(answer.text));
      if (!results.success)
        throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
      // Some platforms ignore the filter.
      const result = results.data.find(({ userId }) => userId === sub);
      if (result === undefined) return null;
      return {
        resultScore: result.resultScore ?? null,
        resultMaximum: result.resultMaximum ?? null,
        comment: result.comment ?? null,
      };
    },
    async postScore(platformId, services, lineItemUrl, score) {
      const scope = granted(services, 'score');
      if (scope === null) throw new ServiceError('permanent', 'grades_scope_missing');
      const body = {
        userId: score.sub,
        scoreGiven: Math.round(score.scoreGiven * 1e5) / 1e5,
        scoreMaximum: score.scoreMaximum,
        timestamp: score.timestamp.toISOString(),
        activityProgress: 'InProgress',
        // Moodle erases the grade at anything else.
        gradingProgress: 'FullyGraded',
        ...(score.comment === null ? {} : { comment: score.comment }),
        ...CANVAS,
      };
      await client.call(platformId, {
        url: below(lineItemUrl, '/scores').href,
        method: 'POST',
        scopes: [scope],
        contentType: SCORE,
        body: JSON.stringify(body),
      });
    },
  };
}

function granted(services: CourseServices, name: string): string | null {
  return services.scopes.includes(SCOPE + name) ? SCOPE + name : null;
}

function lineItemScopes(services: CourseServices): readonly string[] {
  const scope = granted(services, 'lineitem') ?? granted(services, 'lineitem.readonly');
  return scope === null ? [] : [scope];
}

/** `/scores` and `/results` belong into the path, before the query (Moodle's line items carry one). */
function below(lineItemUrl: string, part: string): URL {
  const url = new URL(lineItemUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + part;
  return url;
}

async function stillThere(
  client: ServiceClient,
  platformId: string,
  url: string,
  scopes: readonly string[],
): Promise<boolean> {
  if (scopes.length === 0) return true;
  try {
    await client.call(platformId, { url, scopes, accept: LINE_ITEM });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404) return false;
    throw error;
  }
}

/** By resourceId and tag, compared here too, since not all platforms filter; a course copy brings its items along. */
async function search(
  client: ServiceClient,
  platformId: string,
  lineItemsUrl: string,
  spec: LineItemSpec,
  scopes: readonly string[],
): Promise<string | null> {
  if (scopes.length === 0) return null;
  const first = new URL(lineItemsUrl);
  first.searchParams.set('resource_id', spec.resourceId);
  first.searchParams.set('tag', spec.tag);
  let url: string | null = first.href;
  for (let pages = 0; url !== null && pages < MOST_PAGES; pages += 1) {
    const answer = await client.call(platformId, { url, scopes, accept: LINE_ITEMS });
    const items = z.array(LineItem).safeParse(parseJson(answer.text));
    if (!items.success) throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
    const ours = items.data.find(({ resourceId, tag }) => resourceId === spec.resourceId && tag === spec.tag);
    if (ours !== undefined) return ours.id;
    const next = linkOf(answer.headers['link'], 'next');
    url =
      next !== null && URL.canParse(next, url) && new URL(next, url).origin === first.origin
        ? new URL(next, url).href
        : null;
  }
  return null;
}

async function create(
  client: ServiceClient,
  platformId: string,
  services: CourseServices,
  url: string,
  spec: LineItemSpec,
): Promise<string> {
  const scope = granted(services, 'lineitem');
  if (scope === null) throw new ServiceError('permanent', 'grades_no_line_item');
  const answer = await client.call(platformId, {
    url,
    method: 'POST',
    scopes: [scope],
    accept: LINE_ITEM,
    contentType: LINE_ITEM,
    body: JSON.stringify(spec),
  });
  const item = LineItem.safeParse(parseJson(answer.text));
  if (!item.success) throw new ServiceError('permanent', 'grades_malformed', { status: answer.status });
  return item.data.id;
}
