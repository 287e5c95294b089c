import { createHash } from 'node:crypto';
import { type Database, isDuplicateKey, newId } from '../database/index.ts';

/** What each kind of secret stands for. */
export type SecretKinds = {
  /** The right to register one tool, once. */
  registration: { readonly by: string };
  /** A launch under way: who opens what. `session` is null where a test starts it, which is its own browser. */
  launch: LaunchUnderWay;
  /** A deep linking answer that is awaited. */
  deepLink: {
    readonly courseId: string;
    readonly toolId: string;
    readonly personId: string;
    /** What the answer must carry back unchanged. */
    readonly data: string;
  };
  /** An access token. */
  access: { readonly toolId: string; readonly scopes: readonly string[] };
  /** A browser in which somebody was chosen. */
  session: { readonly personId: string; readonly csrf: string };
};
export type LaunchUnderWay = {
  readonly personId: string;
  readonly courseId: string;
  readonly linkId: string;
  readonly toolId: string;
  readonly message: 'LtiResourceLinkRequest' | 'LtiDeepLinkingRequest';
  readonly target: 'iframe' | 'window';
  readonly session: string | null;
};
type SecretRow = { _id: string; until: number; data: unknown };

/** Secrets that end by themselves, and marks of what was used already; only hashes are kept. */
export function createSecretStore({ connection }: Database, clock: () => Date) {
  const rows = connection.collection<SecretRow>('lms_secrets');
  const idOf = (kind: string, secret: string): string =>
    `${kind}.${createHash('sha256').update(secret).digest('base64url')}`;
  const live = (kind: string, secret: string) => ({
    _id: idOf(kind, secret),
    until: { $gt: clock().getTime() },
  });

  return {
    async issue<Kind extends keyof SecretKinds>(
      kind: Kind,
      data: SecretKinds[Kind],
      lifeMs: number,
    ): Promise<string> {
      const secret = newId();
      await rows.insertOne({ _id: idOf(kind, secret), until: clock().getTime() + lifeMs, data });
      return secret;
    },
    async find<Kind extends keyof SecretKinds>(
      kind: Kind,
      secret: string,
    ): Promise<SecretKinds[Kind] | null> {
      const row = await rows.findOne(live(kind, secret));
      return row === null ? null : (row.data as SecretKinds[Kind]);
    },
    /** Finds it and takes it away in one step, so that of two who come at once one gets nothing. */
    async spend<Kind extends keyof SecretKinds>(
      kind: Kind,
      secret: string,
    ): Promise<SecretKinds[Kind] | null> {
      const row = await rows.findOneAndDelete(live(kind, secret));
      return row === null ? null : (row.data as SecretKinds[Kind]);
    },
    /** False where the same value was marked before (a nonce, a jti). */
    async markUsed(kind: 'nonce' | 'jti', value: string, lifeMs: number): Promise<boolean> {
      try {
        await rows.insertOne({ _id: idOf(kind, value), until: clock().getTime() + lifeMs, data: null });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
    /** Forgets what has ended. */
    async sweep(): Promise<void> {
      await rows.deleteMany({ until: { $lte: clock().getTime() } });
    },
  };
}
export type SecretStore = ReturnType<typeof createSecretStore>;
