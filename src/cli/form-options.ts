import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkRules } from '../formation/engine/form.ts';
import { DEFAULT_RULES, type FormationRules, RULE_NAMES } from '../formation/engine/types.ts';

/** The input makes no sense; the message is one sentence for the person at the keyboard. */
export class Misused extends Error {}

type NumberOption = 'seed' | 'min' | 'ideal' | 'max' | 'workers';

export type FormOptions = {
  readonly help: boolean;
  readonly usage: readonly string[];
  readonly roster: string;
  readonly out: string;
  readonly report: string | null;
  readonly previous: string | null;
  readonly workers: number;
  readonly rules: FormationRules;
};

const USAGE = [
  'Usage: npm run --silent form -- ROSTER.csv --out GROUPS.csv [--report REPORT.json]',
  '         [--previous GROUPS.csv] [--seed N] [--min 4] [--ideal 6] [--max 10] [--workers N] [--cross-track]',
  '         [--ignore RULE,RULE]',
];

/**
 * Reads the command's options.
 * @param threads how many threads the machine has
 * @throws Misused
 */
export function readOptions(args: readonly string[], threads: number): FormOptions {
  const { values, positionals } = parse(args);
  const help = values.help === true;
  const [roster, ...rest] = positionals;
  const { out } = values;
  if (!help && roster === undefined)
    throw new Misused('Name the roster file: form ROSTER.csv --out GROUPS.csv.');
  if (rest.length > 0) throw new Misused(`One roster at a time: "${rest[0] ?? ''}" is one too many.`);
  if (!help && (out === undefined || out === ''))
    throw new Misused('Say where the groups go: --out GROUPS.csv.');
  const number = (name: NumberOption, otherwise: number): number => numberOf(name, values[name], otherwise);
  const workers = number('workers', Math.min(threads, 4));
  checkFiles(roster ?? '', out ?? '', values.report);
  if (workers < 1 || workers > 64) throw new Misused('--workers must be between 1 and 64.');
  const min = number('min', DEFAULT_RULES.min);
  const max = number('max', DEFAULT_RULES.max);
  const rules: FormationRules = {
    min,
    // Whoever only says how small or large groups may be need not think of the ideal.
    ideal: number('ideal', Math.min(max, Math.max(min, DEFAULT_RULES.ideal))),
    max,
    seed: number('seed', DEFAULT_RULES.seed),
    crossTrack: values['cross-track'] === true,
    ...ignored(values.ignore),
  };
  checkSizes(rules);
  return {
    help,
    usage: USAGE,
    roster: roster ?? '',
    out: out ?? '',
    report: values.report ?? null,
    previous: values.previous ?? null,
    workers,
    rules,
  };
}

/** No file may be written over another that the same run reads or writes; the groups to keep may be. */
function checkFiles(roster: string, out: string, report: string | undefined): void {
  if (out !== '' && resolve(out) === resolve(roster))
    throw new Misused('--out must not be the roster itself.');
  if (report === undefined) return;
  if (report === '') throw new Misused('Say where the report goes: --report REPORT.json.');
  if (resolve(report) === resolve(roster)) throw new Misused('--report must not be the roster itself.');
  if (resolve(report) === resolve(out)) throw new Misused('--report and --out must be two files.');
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        report: { type: 'string' },
        previous: { type: 'string' },
        seed: { type: 'string' },
        min: { type: 'string' },
        ideal: { type: 'string' },
        max: { type: 'string' },
        workers: { type: 'string' },
        'cross-track': { type: 'boolean' },
        ignore: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    const { message } = error as Error;
    throw new Misused(`${message.split(/[.?]\s/)[0] ?? ''}.`.replace(/\.\.$/, '.'));
  }
}

/** Rules that the search is not to care for, separated by commas. */
function ignored(text: string | undefined): Pick<FormationRules, 'ignore'> {
  if (text === undefined) return {};
  const named = text.split(',');
  const unknown = named.find((name) => !RULE_NAMES.some((rule) => rule === name));
  if (unknown !== undefined) throw new Misused(`--ignore knows ${RULE_NAMES.join(', ')}, not "${unknown}".`);
  return { ignore: RULE_NAMES.filter((rule) => named.includes(rule)) };
}

function numberOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^-?\d{1,15}$/.test(text)) throw new Misused(`--${name} must be a whole number, not "${text}".`);
  return Number(text);
}

function checkSizes(rules: FormationRules): void {
  try {
    checkRules(rules);
  } catch {
    throw new Misused('The sizes must be 1 <= --min <= --ideal <= --max.');
  }
}
