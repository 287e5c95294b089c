import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../database/index.ts';
import { invitationModel, type InvitationDocument } from './invitations.model.ts';

const LIFE_MS = 7 * 86_400_000;

export type Invitation = { readonly platformId: string | null };

export type InvitationStore = {
  /** @param platformId the platform it may change, null for a new one */
  issue(platformId: string | null): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Looks without using it up; null where it is unknown, used or too old. */
  find(token: string): Promise<Invitation | null>;
  /** Uses it up: of any number at the same instant one gets it. */
  claim(token: string): Promise<Invitation | null>;
  /** Gives it back after a registration that came to nothing. */
  release(token: string): Promise<void>;
  /** Deletes what has expired; answers how many rows. */
  sweep(): Promise<number>;
};

/** Invitations to register a platform: good once, for seven days; the database has a hash of the link's token alone. */
export function createInvitationStore(database: Database, clock: () => Date): InvitationStore {
  const invitations = invitationModel(database);
  const open = (token: string) => ({ _id: hashOf(token), usedAt: null, expiresAt: { $gt: clock() } });
  return {
    async issue(platformId) {
      const token = randomBytes(24).toString('base64url');
      const createdAt = clock();
      const expiresAt = new Date(createdAt.getTime() + LIFE_MS);
      await invitations.create({ _id: hashOf(token), platformId, createdAt, expiresAt, usedAt: null });
      return { token, expiresAt };
    },
    find: (token) => invitations.findOne(open(token)).lean<InvitationDocument>().exec(),
    claim: (token) =>
      invitations
        .findOneAndUpdate(open(token), { $set: { usedAt: clock() } })
        .lean<InvitationDocument>()
        .exec(),
    async release(token) {
      await invitations.updateOne({ _id: hashOf(token) }, { $set: { usedAt: null } }).exec();
    },
    async sweep() {
      return (await invitations.deleteMany({ expiresAt: { $lte: clock() } }).exec()).deletedCount;
    },
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(`lti invitation ${token}`).digest('base64url');
}
