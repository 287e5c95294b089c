import { parseArgs } from 'node:util';
import { isId } from '../../lti/claims.ts';

/** Arguments that make no sense; one sentence a finding. */
export class Misuse extends Error {
  readonly findings: readonly string[];
  constructor(findings: readonly string[]) {
    super(findings.join('\n'));
    this.findings = findings;
  }
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** Ids of ours may begin with a dash, which no option of this length does. */
const DASHED_ID = /^-[\w-]{21}$/;
const MARK = '\u0000';

/** Reads arguments; what node says of those it does not know is a finding like ours. @throws Misuse */
export function readArguments<const T extends Options>(args: readonly string[], options: T) {
  const marked = args.map((arg) => (DASHED_ID.test(arg) ? MARK + arg : arg));
  try {
    const { values, positionals } = parseArgs({ args: marked, options, allowPositionals: true });
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string') Object.assign(values, { [name]: value.replace(MARK, '') });
    return { values, positionals: positionals.map((one) => one.replace(MARK, '')) };
  } catch (error) {
    throw new Misuse([error instanceof Error ? error.message : String(error)]);
  }
}

/** The one id that a command is about. @throws Misuse */
export function onlyId(positionals: readonly string[]): string {
  const [id] = positionals;
  if (id === undefined || positionals.length > 1 || !isId(id))
    throw new Misuse(['Give the id of one platform; `npm run platforms -- list` shows them.']);
  return id;
}

/** @throws Misuse where there is any */
export function none(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first !== undefined) throw new Misuse([`${first} is one word too many.`]);
}

const HOST_SENTENCE =
  '--service-host must be a host alone, such as school.example.org, school.example.org:8443 or *.example.org.';

/** @returns a sentence where a host is none */
export function findingsInHosts(hosts: readonly string[]): string[] {
  const good = hosts.every((host) => {
    const plain = host.replace(/^\*\.(?=[^.]+\.)/, '');
    return (
      !plain.includes('*') && URL.canParse(`https://${plain}`) && new URL(`https://${plain}`).host === plain
    );
  });
  return good ? [] : [HOST_SENTENCE];
}
