import type { Door } from '../../lti/door.ts';

/** What the command needs of the house; the caller owns database and output. */
export type PlatformsDeps = {
  readonly door: Pick<Door, 'platforms' | 'health' | 'operatorLog' | 'operator' | 'operatorLink'>;
  /** The link that an invitation's token makes. */
  invitationAddress(token: string): string;
  readonly allowPrivateNetwork: boolean;
  /** The words of a reason. */
  words(code: string): string;
  print(line: string): void;
  printError(line: string): void;
};

export type Command = (args: readonly string[], deps: PlatformsDeps) => Promise<number>;
