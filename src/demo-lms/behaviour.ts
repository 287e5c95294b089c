import type { RequestHandler } from 'express';

export type LmsService = 'token' | 'members' | 'lineitems' | 'scores' | 'results' | 'keys';
type Json = Record<string, unknown>;

/** What a service does instead of answering well. */
export type Fault = {
  /** Answers this, before anything is done. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `hang` never answers; `drop` closes the connection at once; `lose` does the work, then closes it unanswered. */
  readonly manner?: 'hang' | 'drop' | 'lose';
};

/** How Canvas throttles. */
export const CANVAS_THROTTLING: Fault = {
  status: 403,
  headers: { 'x-rate-limit-remaining': '0' },
  body: '403 Forbidden (Rate Limit Exceeded)',
};

/** The manners a test can change, and what was asked of the LMS so far. */
export type Behaviour = {
  /** Members a page; null answers all at once, as Moodle does when no limit is asked for. Canvas: 50. */
  rosterPage: number | null;
  /** Rewrites the roster's next link; may answer another origin, or the page itself. */
  rosterNext: ((next: string, here: string) => string) | null;
  /** Rewrites a page of the roster before it is sent. */
  rosterBody: ((body: Json) => unknown) | null;
  /** Line items a page; null answers all at once. */
  lineItemPage: number | null;
  tokenLifeSeconds: number;
  /** What client assertions have to be made for where that is not the token's address (Brightspace). */
  tokenAudience: string | null;
  /** What of the wanted scopes is granted. */
  grantScopes: ((scopes: readonly string[]) => readonly string[]) | null;
  /** Rewrites a launch's claims or header before it is signed; deletes `header.kid`, say. */
  spoil: ((claims: Json, header: Json) => void) | null;
  loginMethod: 'POST' | 'GET';
  /** How one person's result is asked for; Open edX takes the path alone. */
  resultsBy: 'query' | 'path';
  /** What a score that is taken is answered with, and one that is not newer; Open edX: 201 and 400. */
  takenStatus: 200 | 201;
  staleStatus: 409 | 400;
  /** What a score for a user nobody knows is answered with; Moodle breaks down. */
  unknownUserStatus: number;
  /** Runs after a score is stored and before it is answered; throwing loses the answer. */
  afterScore: (() => void) | null;
  readonly requests: Record<LmsService, number>;
  /** The next calls of this service meet these faults, in order. */
  fail(service: LmsService, faults: readonly Fault[]): void;
  /** Polite again, counters at zero. */
  reset(): void;
};
export type GuardedBehaviour = Behaviour & { guard(service: LmsService): RequestHandler };

const POLITE = {
  rosterPage: null,
  rosterNext: null,
  rosterBody: null,
  lineItemPage: null,
  tokenLifeSeconds: 3600,
  tokenAudience: null,
  grantScopes: null,
  spoil: null,
  loginMethod: 'POST',
  resultsBy: 'query',
  takenStatus: 200,
  staleStatus: 409,
  unknownUserStatus: 502,
  afterScore: null,
} as const;

/** Polite until told otherwise. */
export function createBehaviour(): GuardedBehaviour {
  const faults = new Map<LmsService, Fault[]>();
  const requests = { token: 0, members: 0, lineitems: 0, scores: 0, results: 0, keys: 0 };
  return {
    ...POLITE,
    requests,
    fail: (service, list) => void faults.set(service, [...list]),
    reset() {
      Object.assign(this, POLITE);
      faults.clear();
      for (const service of Object.keys(requests) as LmsService[]) requests[service] = 0;
    },
    guard: (service) => (req, res, next) => {
      requests[service] += 1;
      const fault = faults.get(service)?.shift();
      if (fault?.manner === 'hang') return;
      if (fault?.manner === 'drop') req.socket.destroy();
      else if (fault?.status !== undefined) {
        res
          .status(fault.status)
          .set(fault.headers ?? {})
          .send(fault.body ?? '');
      } else {
        if (fault?.manner === 'lose') loseAnswer(res, req.socket);
        next();
      }
    },
  };
}

/** The work is done; its answer never arrives. */
function loseAnswer(res: { end: unknown }, socket: { destroy(): void }): void {
  res.end = () => {
    socket.destroy();
  };
}
