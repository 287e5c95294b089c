import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** Something kept between two requests of one browser. `_id` is the ticket's hash; the ticket alone opens `sealed`. */
export type TicketDocument = { _id: string; purpose: string; sealed: string; expiresAt: Date };

const text = { type: String, required: true };
const schema = new Schema<TicketDocument>(
  { _id: text, purpose: text, sealed: text, expiresAt: { type: Date, required: true } },
  { versionKey: false },
).index({ expiresAt: 1 });

/** The model of tickets. */
export function ticketModel(database: Database) {
  return defineModel<TicketDocument>(database, 'LtiTicket', schema, 'lti_tickets');
}
