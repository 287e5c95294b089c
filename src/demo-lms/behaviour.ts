import type { RequestHandler } from 'express';

export type LmsService = 'token' | 'members' | 'lineitems' | 'scores' | 'results' | 'keys';
/** What a test tells a service to answer instead, for its next calls. */
export type Fault = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
type Claims = Record<string, unknown>;

/** The manners a test can change, and what was asked of the LMS so far. */
export type Behaviour = {
  /** Members a page; null answers all at once, as Moodle does when no limit is asked for. */
  rosterPage: number | null;
  tokenLifeSeconds: number;
  /** Rewrites a launch's claims or header before it is signed. */
  spoil: ((claims: Claims, header: Claims) => void) | null;
  /** Runs after a score is stored and before it is answered; throwing loses the answer. */
  afterScore: (() => void) | null;
  readonly requests: Record<LmsService, number>;
  fail(service: LmsService, faults: readonly Fault[]): void;
};

/** Polite until told otherwise. */
export function createBehaviour(): Behaviour & { guard(service: LmsService): RequestHandler } {
  const faults = new Map<LmsService, Fault[]>();
  const requests = { token: 0, members: 0, lineitems: 0, scores: 0, results: 0, keys: 0 };
  return {
    rosterPage: null,
    tokenLifeSeconds: 3600,
    spoil: null,
    afterScore: null,
    requests,
    fail: (service, list) => void faults.set(service, [...list]),
    guard: (service) => (_req, res, next) => {
      requests[service] += 1;
      const fault = faults.get(service)?.shift();
      if (fault === undefined) next();
      else
        res
          .status(fault.status)
          .set(fault.headers ?? {})
          .send(fault.body ?? '');
    },
  };
}
