import type { Statement } from '../engine/explanation.ts';
import { type Slot, slotsOfTimes } from './slots.ts';

/** A sentence by its key of words. `times` are slots of the week, `terms` names of rules; the page says them. */
export type WhySentence = {
  readonly key: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly times: readonly number[];
  readonly terms: readonly string[];
};

/** As the view `formation/why` takes it. */
export type ShownSentence = WhySentence & { readonly slots: readonly Slot[] };

/** Who reads: staff of somebody else, or a fellow of themselves. */
export type Reader = 'staff' | 'fellow';

/** What a fellow is not told: staff's word on who is with whom stays staff's. */
const STAFF_ONLY: ReadonlySet<string> = new Set(['apart', 'together']);

/**
 * An explanation in sentences for this reader. Gender is in none of them: where it is what an exchange would worsen, that
 * goes unsaid.
 * @param names whom and which group the best exchange was looked at with, as they are called now
 */
export function whySentences(
  statements: readonly Statement[],
  reader: Reader,
  names: { readonly person: string | null; readonly group: string | null },
): WhySentence[] {
  const hasStaffSwap = statements.some(({ code, audience }) => code === 'swap' && audience === 'staff');
  return statements.flatMap((statement) => {
    const { code, audience } = statement;
    if (reader === 'fellow' && (audience === 'staff' || STAFF_ONLY.has(code))) return [];
    if (reader === 'staff' && code === 'swap' && audience === 'all' && hasStaffSwap) return [];
    const said = sentenceOf(statement, names);
    return said === null ? [] : [{ ...said, key: `formation:why_${reader}.${said.key}` }];
  });
}

/** Sentences with their times said, for the view `formation/why`. */
export function shownSentences(sentences: readonly WhySentence[], locale: string): ShownSentence[] {
  return sentences.map((one) => ({ ...one, slots: slotsOfTimes(one.times, locale) }));
}

function sentenceOf(
  { code, params }: Statement,
  names: { readonly person: string | null; readonly group: string | null },
): WhySentence | null {
  const plain = Object.fromEntries(
    Object.entries(params).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
  ) as Record<string, string | number>;
  const say = (key: string, more: Partial<WhySentence> = {}): WhySentence => ({
    ...{ key, params: plain, times: [], terms: [] },
    ...more,
  });
  const count = Number(params['count'] ?? params['people'] ?? 0);
  const counted = { ...plain, count };
  switch (code) {
    case 'place_too_few':
    case 'place_others':
      return plain['place'] === '' ? null : say(code, { params: counted });
    case 'place_group':
      return say(plain['place'] === '' ? 'place_group_all' : code, { params: counted });
    case 'guest':
      return say(`guest_${String(plain['meets'])}`);
    case 'leads':
    case 'met_before':
      return say(count === 0 ? `${code}_none` : code, { params: counted });
    case 'together':
    case 'apart':
      return say(code, { params: counted });
    case 'slots':
    case 'slots_short': {
      const times = listOf(params['slots']).map(Number);
      return say(times.length === 0 ? 'slots_none' : code, { times });
    }
    case 'languages': {
      const languages = listOf(params['languages']).map(String);
      return languages.length === 0
        ? say('languages_none')
        : say(code, { params: { languages: languages.map(capital).join(', ') } });
    }
    case 'size_even':
    case 'size_kept':
    case 'size_locals':
      return say(plain['groups'] === 1 ? 'size_only' : code);
    case 'swap': {
      const terms = listOf(params['worsens'])
        .map(String)
        .filter((term) => term !== 'isolated');
      const group = names.group ?? String(params['group']);
      return say(terms.length === 0 ? 'swap' : 'swap_worse', {
        terms,
        params: { group, person: names.person ?? '' },
      });
    }
    default:
      return say(code);
  }
}

/** The engine knows languages folded. */
function capital(word: string): string {
  return word.replace(/^\p{L}/u, (letter) => letter.toUpperCase());
}

function listOf(value: Statement['params'][string] | undefined): readonly (string | number)[] {
  return Array.isArray(value) ? (value as readonly (string | number)[]) : [];
}
