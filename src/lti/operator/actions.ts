import type { OperatorAction, OperatorLogStore } from '../operator-log.store.ts';
import type { PlatformStore } from '../platforms.store.ts';
import type { Platform } from '../platforms.ts';
import type { InvitationStore } from '../registration/invitations.store.ts';

type By = OperatorAction['by'];

/** What the operator does about LMSs, by the command or on the page; each leaves its line. */
export type OperatorActions = {
  /** @param platformId the platform that may be registered anew; null for a new one */
  invite(by: By, platformId: string | null): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Switches a platform off, with everybody who came in through it, or on again. */
  setState(
    by: By,
    id: string,
    state: Platform['state'],
  ): Promise<{ readonly platform: Platform; readonly sessionsEnded: number }>;
  /**
   * Ends a deployment. Sessions know their platform alone, so all of that end; who may still come launches again.
   * Answers how many ended.
   */
  revoke(by: By, id: string, deployment: string): Promise<number>;
  rotateKey(by: By, id: string, atOnce: boolean): Promise<void>;
};

export type OperatorActionsDeps = {
  readonly platforms: PlatformStore;
  readonly invitations: InvitationStore;
  readonly operatorLog: OperatorLogStore;
  /** Ends all sessions that launches of this platform opened; answers how many. */
  readonly endSessions: (platformId: string) => Promise<number>;
};

/** @throws NotFound lti_platform_unknown, of each */
export function createOperatorActions({
  platforms,
  invitations,
  operatorLog,
  endSessions,
}: OperatorActionsDeps): OperatorActions {
  return {
    async invite(by, platformId) {
      if (platformId !== null) await platforms.select(platformId);
      const invitation = await invitations.issue(platformId);
      await operatorLog.note({ by, action: 'invite', platformId, details: {} });
      return invitation;
    },
    async setState(by, id, state) {
      const platform = await platforms.set(id, { state });
      const sessionsEnded = state === 'disabled' ? await endSessions(id) : 0;
      const action = state === 'disabled' ? 'disable' : 'enable';
      await operatorLog.note({ by, action, platformId: id, details: { sessions: sessionsEnded } });
      return { platform, sessionsEnded };
    },
    async revoke(by, id, deployment) {
      await platforms.revokeDeployment(id, deployment);
      const sessions = await endSessions(id);
      await operatorLog.note({ by, action: 'revoke', platformId: id, details: { deployment, sessions } });
      return sessions;
    },
    async rotateKey(by, id, atOnce) {
      await platforms.rotateKey(id, atOnce);
      await operatorLog.note({ by, action: 'rotate keys', platformId: id, details: { atOnce } });
    },
  };
}
