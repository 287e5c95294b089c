import type { RequestHandler } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';
import { visitOf } from './routing.ts';

/**
 * Bounds what one person may ask of one process. In memory: a journaled write a request would be the dearest part of
 * it. By person, because mobile carriers put thousands behind one address.
 */
export function personLimit(points: number, seconds: number): RequestHandler {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return async (_req, res, next) => {
    const { scope, personId } = visitOf(res);
    await limiter.consume(`${scope.courseId}/${personId}`).catch(() => {
      throw new AppError(429, 'too_many_requests');
    });
    next();
  };
}
