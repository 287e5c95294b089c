import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** Leave to register one platform. `_id` is the hash of the link's token; `platformId` names one it may change. */
export type InvitationDocument = {
  _id: string;
  platformId: string | null;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
};

const date = { type: Date, required: true };
const schema = new Schema<InvitationDocument>(
  {
    _id: { type: String, required: true },
    platformId: { type: String, default: null },
    createdAt: date,
    expiresAt: date,
    usedAt: { type: Date, default: null },
  },
  { versionKey: false },
).index({ expiresAt: 1 });

/** The model of invitations. */
export function invitationModel(database: Database) {
  return defineModel<InvitationDocument>(database, 'LtiInvitation', schema, 'lti_invitations');
}
