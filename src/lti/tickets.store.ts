import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../database/index.ts';
import { seal, unseal } from './sealed.ts';
import { ticketModel, type TicketDocument } from './tickets.model.ts';

/**
 * `launch`: a valid launch whose browser is still to be proven; `deep-link`: staff are choosing what to place;
 * `operator`: the way into the operator's page.
 */
export type TicketPurpose = 'launch' | 'deep-link' | 'operator';

export type TicketStore = {
  /** Keeps a value for so long and answers the ticket that fetches it once. */
  issue(purpose: TicketPurpose, value: object, lifeMs: number): Promise<string>;
  /** Takes what a ticket stands for; null where it was taken before, is too old or none of ours. */
  take(purpose: TicketPurpose, ticket: string): Promise<unknown>;
  /** Deletes what has expired; answers how many rows. */
  sweep(): Promise<number>;
};

/**
 * One-time tickets. What they stand for may name people: it is sealed under the ticket itself, of which the database
 * has a hash alone, and is deleted in the same step that reads it.
 */
export function createTicketStore(database: Database, clock: () => Date): TicketStore {
  const tickets = ticketModel(database);
  return {
    async issue(purpose, value, lifeMs) {
      const ticket = randomBytes(24).toString('base64url');
      await tickets.create({
        _id: digest('row', ticket).toString('base64url'),
        purpose,
        sealed: seal(digest('key', ticket), purpose, JSON.stringify(value)),
        expiresAt: new Date(clock().getTime() + lifeMs),
      });
      return ticket;
    },
    async take(purpose, ticket) {
      const row = await tickets
        .findOneAndDelete({ _id: digest('row', ticket).toString('base64url'), purpose })
        .lean<TicketDocument>()
        .exec();
      if (row === null || row.expiresAt <= clock()) return null;
      return JSON.parse(unseal([digest('key', ticket)], purpose, row.sealed)) as unknown;
    },
    async sweep() {
      return (await tickets.deleteMany({ expiresAt: { $lte: clock() } }).exec()).deletedCount;
    },
  };
}

function digest(use: 'row' | 'key', ticket: string): Buffer {
  return createHash('sha256').update(`lti ticket ${use} ${ticket}`).digest();
}
