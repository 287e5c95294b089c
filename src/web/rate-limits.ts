import type { RequestHandler } from 'express';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';
import { visitOf } from './routing.ts';

/**
 * Bounds what one person may ask of one process. In memory: a journaled write a request would be the dearest part of
 * it. By person, because mobile carriers put thousands behind one address.
 */
export function personLimit(points: number, seconds: number): RequestHandler {
  const take = limitOf(points, seconds);
  return async (_req, res, next) => {
    const { scope, personId } = visitOf(res);
    await take(`${scope.courseId}/${personId}`);
    next();
  };
}

/**
 * Bounds what comes from one public address, for doors at which nobody is known yet; generous, since schools and mobile
 * carriers put thousands behind one. Private addresses are proxies that do not say for whom, and the demo.
 */
export function addressLimit(points: number, seconds: number): RequestHandler {
  const take = limitOf(points, seconds);
  return async (req, _res, next) => {
    const address = req.ip ?? '';
    if (ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast')
      await take(networkOf(address));
    next();
  };
}

/**
 * What counts as one sender: an IPv4 address, or the network that an IPv6 address lies in (its /64), for whoever has one
 * of its addresses has them all. Text that is no address stands for itself.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString();
}

/** Takes one of the points of a key. @throws AppError 429 where they are used up; each process counts for itself */
export function limitOf(points: number, seconds: number): (key: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return async (key) => {
    await limiter.consume(key).catch(() => {
      throw new AppError(429, 'too_many_requests');
    });
  };
}
