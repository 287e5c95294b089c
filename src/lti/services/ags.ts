import type { CourseServices } from '../types.ts';

const SCOPE = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
const TYPE = 'application/vnd.ims.lis.';

/** Media types: https://www.imsglobal.org/spec/lti-ags/v2p0/#media-types-and-schemas */
export const AGS = {
  lineItem: `${TYPE}v2.lineitem+json`,
  lineItems: `${TYPE}v2.lineitemcontainer+json`,
  results: `${TYPE}v2.resultcontainer+json`,
  score: `${TYPE}v1.score+json`,
} as const;

export type AgsScope = 'lineitem' | 'lineitem.readonly' | 'result.readonly' | 'score';

/** The full scope where the course's launches said that it is granted, else null. */
export function granted(services: CourseServices, scope: AgsScope): string | null {
  return services.scopes.includes(SCOPE + scope) ? SCOPE + scope : null;
}

/** The scope by which line items may be read: the writing one carries reading with it (AGS 3.1.1). */
export function lineItemScope(services: CourseServices): string | null {
  return granted(services, 'lineitem') ?? granted(services, 'lineitem.readonly');
}

/** `/scores` and `/results` belong into the path, before the query (Moodle's line items carry one). */
export function below(lineItemUrl: string, part: '/scores' | '/results'): URL {
  const url = new URL(lineItemUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + part;
  return url;
}
