import { createHmac, randomBytes } from 'node:crypto';
import type { Database, Stage } from '../database/index.ts';
import { insertRow, newId } from '../database/index.ts';
import { type SessionDocument, sessionModel } from './sessions.model.ts';

/** A day: longer than any sitting, short enough that a lost phone does not stay signed in. */
const LIFE_MS = 24 * 3_600_000;
/** A phone put down for so long, or handed on, has to come from the course again. */
const IDLE_MS = 2 * 3_600_000;
/** Use is written down no oftener: a write a request would be the dearest part of it. */
const WRITTEN_EVERY_MS = 300_000;

export type Session = Omit<SessionDocument, '_id' | 'cookieHash'> & { readonly id: string };
export type NewSession = Pick<
  Session,
  'platformId' | 'courseId' | 'personId' | 'locale' | 'timeZone' | 'frameOrigins'
>;

export type FoundSession = { readonly session: Session; readonly row: object };

export type SessionStore = {
  open(cookie: string, session: NewSession): Promise<Session>;
  /**
   * Null where the launch is unknown, over, or another browser's. Finding it is using it: two idle hours end it.
   * @param beside what else is read with it; it answers the row that these stages made of the session's
   */
  find(launchId: string, cookie: string, beside?: readonly Stage[]): Promise<FoundSession | null>;
  /** Ends every launch of this browser. */
  endAll(cookie: string): Promise<void>;
  /** Ends every launch from this platform; answers how many. */
  endOfPlatform(platformId: string): Promise<number>;
  sweep(): Promise<number>;
};

/**
 * Sessions in the database, so that any web process serves any launch. A keyed hash of the cookie alone is kept: who
 * reads or writes the database cannot take a session over or make one, and a new secret ends all sessions.
 * @param secret SESSION_SECRET, the same for every process
 */
export function createSessionStore(database: Database, clock: () => Date, secret: string): SessionStore {
  const model = sessionModel(database);
  const hashOf = (cookie: string): string => createHmac('sha256', secret).update(cookie).digest('base64url');
  return {
    async open(cookie, given) {
      const createdAt = clock();
      const row: SessionDocument = {
        ...given,
        _id: newId(),
        cookieHash: hashOf(cookie),
        csrfToken: randomBytes(18).toString('base64url'),
        createdAt,
        endsAt: new Date(createdAt.getTime() + LIFE_MS),
        expiresAt: new Date(createdAt.getTime() + IDLE_MS),
      };
      await insertRow(model, row);
      return plain(row);
    },
    async find(launchId, cookie, beside = []) {
      const now = clock();
      const [row] = await model.aggregate<SessionDocument>([
        {
          $match: {
            ...{ _id: launchId, cookieHash: hashOf(cookie) },
            ...{ expiresAt: { $gt: now }, endsAt: { $gt: now } },
          },
        },
        ...beside,
      ]);
      if (row === undefined) return null;
      const until = Math.min(row.endsAt.getTime(), now.getTime() + IDLE_MS);
      if (until - row.expiresAt.getTime() >= WRITTEN_EVERY_MS)
        await model.updateOne({ _id: launchId }, { $max: { expiresAt: new Date(until) } });
      return { session: plain(row), row };
    },
    async endAll(cookie) {
      await model.deleteMany({ cookieHash: hashOf(cookie) });
    },
    async endOfPlatform(platformId) {
      return (await model.deleteMany({ platformId })).deletedCount;
    },
    async sweep() {
      return (await model.deleteMany({ expiresAt: { $lte: clock() } })).deletedCount;
    },
  };
}

function plain({ _id, cookieHash: _hash, ...rest }: SessionDocument): Session {
  return { id: _id, ...rest };
}
