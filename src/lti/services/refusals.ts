import { SafeFetchError, type SafeFetchAnswer, type SafeFetchFailure } from '../safe-fetch.ts';
import { ServiceError } from '../service-error.ts';

/** No platform's wish keeps us waiting longer than this. */
const LONGEST_WAIT_MS = 600_000;
/** What text of a refusal is looked at. */
const LOOKED_AT = 2_000;

const PERMANENT: Readonly<Record<number, string>> = {
  400: 'service_not_understood',
  401: 'service_token_refused',
  403: 'service_forbidden',
  404: 'service_gone',
  410: 'service_gone',
  422: 'service_person_not_gradable',
};
/** Failures of a call that calling again does not mend. */
const LASTING: Partial<Readonly<Record<SafeFetchFailure, string>>> = {
  url_invalid: 'service_address_refused',
  https_required: 'service_address_refused',
  address_refused: 'service_address_refused',
  redirect_refused: 'service_redirects',
  too_large: 'service_too_large',
};

/** The retry table (docs/decisions/0011-services.md): what each status means on the platforms that send it. */
export function refusalOf(answer: SafeFetchAnswer, now: Date): ServiceError {
  const { status } = answer;
  const retryAfterMs = retryAfterOf(answer.headers['retry-after'], now);
  // Canvas throttles with 403 "Rate Limit Exceeded".
  if (status === 429 || (status === 403 && isThrottling(answer)))
    return new ServiceError('retry', 'service_busy', { status, retryAfterMs });
  if (status >= 500 || status === 408)
    return new ServiceError('retry', 'service_failed', { status, retryAfterMs });
  // Canvas and Open edX say 400 where Moodle says 409.
  const aboutTime = status === 409 || (status === 400 && /timestamp/i.test(answer.text.slice(0, LOOKED_AT)));
  if (aboutTime) return new ServiceError('conflict', 'service_timestamp', { status });
  return new ServiceError('permanent', PERMANENT[status] ?? 'service_refused', { status });
}

/** What a call that brought no answer means: a network's fault passes, a refused address does not. */
export function failureOf(error: unknown): ServiceError {
  const lasting = error instanceof SafeFetchError ? LASTING[error.code] : undefined;
  return lasting === undefined
    ? new ServiceError('retry', 'service_unreachable', { cause: error })
    : new ServiceError('permanent', lasting, { cause: error });
}

function isThrottling({ headers, text }: SafeFetchAnswer): boolean {
  const remaining = headers['x-rate-limit-remaining'];
  return (
    headers['retry-after'] !== undefined ||
    /rate limit/i.test(text.slice(0, LOOKED_AT)) ||
    (remaining !== undefined && Number(remaining) <= 0)
  );
}

/** RFC 9110, 10.2.3: seconds or a date, in ms; capped. */
function retryAfterOf(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const wait = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}
