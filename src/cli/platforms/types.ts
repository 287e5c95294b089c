import type { Door } from '../../lti/door.ts';

/** What the command needs of the house; the caller owns database and output. */
export type PlatformsDeps = {
  readonly door: Pick<Door, 'platforms' | 'invitations' | 'health' | 'operatorLog'>;
  /** The link that an invitation's token makes. */
  invitationAddress(token: string): string;
  /** Ends all sessions that launches of this platform opened; answers how many. */
  endSessions(platformId: string): Promise<number>;
  readonly allowPrivateNetwork: boolean;
  /** The words of a reason. */
  words(code: string): string;
  print(line: string): void;
  printError(line: string): void;
};

export type Command = (args: readonly string[], deps: PlatformsDeps) => Promise<number>;
