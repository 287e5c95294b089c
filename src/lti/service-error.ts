export type ServiceErrorKind = 'permanent' | 'retry' | 'conflict';

/**
 * A platform's service did not do what was asked. `code` is the reason in the log and the key of the words for
 * staff (errors.json); `kind` is the retry table of LTI Advantage as real platforms practise it.
 */
export class ServiceError extends Error {
  readonly kind: ServiceErrorKind;
  readonly code: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(
    kind: ServiceErrorKind,
    code: string,
    details: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(code, { cause: details.cause });
    this.name = 'ServiceError';
    this.kind = kind;
    this.code = code;
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
