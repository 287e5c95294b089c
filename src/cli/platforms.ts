import { AppError } from '../errors.ts';
import { add } from './platforms/add.ts';
import { Misuse } from './platforms/arguments.ts';
import { invite, openPage, reseal, revoke, rotateKeys, set, setState } from './platforms/change.ts';
import { list, log } from './platforms/list.ts';
import type { Command, PlatformsDeps } from './platforms/types.ts';

const USAGE = [
  'Usage: npm run platforms -- list                   what is installed where, and how it is doing',
  '       npm run platforms -- page                   a link to the same, with buttons, for ten minutes',
  '       npm run platforms -- invite [--for ID]      a link that registers one LMS, or one of these anew',
  '       npm run platforms -- add --issuer URL --client-id ID --auth-url URL --token-url URL --jwks-url URL',
  '                               [--deployment ID]… [--name NAME] [--token-audience VALUE] [--service-host HOST]…',
  '       npm run platforms -- set ID [--name NAME] [--token-audience VALUE] [--service-host HOST]…',
  '                               [--frame-origin URL]…',
  '       npm run platforms -- disable ID | enable ID',
  '       npm run platforms -- revoke ID --deployment ID',
  '       npm run platforms -- rotate-keys ID [--at-once]',
  '       npm run platforms -- reseal                 after a change of ENCRYPTION_KEY',
  '       npm run platforms -- log                    what was done to the installation',
];
const COMMANDS: Readonly<Record<string, Command>> = {
  list,
  page: openPage,
  log,
  invite,
  add,
  set,
  disable: setState('disabled'),
  enable: setState('active'),
  revoke,
  'rotate-keys': rotateKeys,
  reseal,
};
const REFUSALS: Readonly<Record<string, string>> = {
  lti_platform_exists:
    'A platform with this issuer and client id is registered already; nothing was changed.',
  lti_platform_unknown: 'No platform has this id; `npm run platforms -- list` shows them.',
};

/**
 * The `platforms` command: what the operator does about the LMSs that the tool is installed in.
 * @param args what stands after `platforms`
 * @returns the exit code: 0 done, 1 refused, 2 the arguments make no sense
 */
export async function platformsCommand(args: readonly string[], deps: PlatformsDeps): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined)
      throw new Misuse([name === '' ? 'Say what to do.' : `${name} is not known here.`]);
    return await command(rest, deps);
  } catch (error) {
    if (error instanceof Misuse) {
      for (const line of [...error.findings, ...USAGE]) deps.printError(line);
      return 2;
    }
    if (!(error instanceof AppError)) throw error;
    deps.printError(REFUSALS[error.code] ?? deps.words(error.code));
    return 1;
  }
}
