import { ALL_SLOTS } from './cohort.ts';
import { say, sayToStaff, type Statement } from './explanation.ts';
import type { Plot } from './pool.ts';

/** What the rules say of a group; nothing that tells a single person's attributes. */
export function groupStatements(plot: Plot, people: readonly number[]): Statement[] {
  const { lead, slots, languageStart } = plot.cohort.traits;
  let leads = 0;
  let shared = ALL_SLOTS;
  let isStated = false;
  for (const person of people) {
    leads += lead[person] ?? 0;
    shared &= slots[person] ?? 0;
    isStated ||= slots[person] !== ALL_SLOTS;
  }
  const statements = [say('leads', { count: leads })];
  if (isStated) {
    const free = slotsOf(shared);
    statements.push(say(free.length < 2 ? 'slots_short' : 'slots', { slots: free }));
  }
  if (people.some((person) => languageStart[person] !== languageStart[person + 1]))
    statements.push(say('languages', { languages: sharedLanguages(plot, people) }));
  return statements;
}

/** Bits to slots 0..20, three a day; the first character of the text is the highest bit. */
export function slotsOf(bits: number): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < 21; slot++) if ((bits & (1 << (20 - slot))) !== 0) slots.push(slot);
  return slots;
}

function sharedLanguages({ cohort }: Plot, people: readonly number[]): string[] {
  const { languages, languageStart } = cohort.traits;
  let shared: number[] | null = null;
  for (const person of people) {
    const own = [...languages.subarray(languageStart[person] ?? 0, languageStart[person + 1] ?? 0)];
    if (own.length === 0) continue;
    shared =
      shared === null ? [...new Set(own)] : shared.filter((language: number) => own.includes(language));
  }
  return (shared ?? []).map((language: number) => cohort.languageNames[language] ?? '').sort();
}

/** Whom somebody meets again, and what their pair rules came to. */
export function pairStatements(plot: Plot, person: number, people: readonly number[]): Statement[] {
  const { pairs, cohort } = plot;
  const { prior } = cohort.traits;
  const statements: Statement[] = [];
  const earlier = prior[person] ?? -1;
  if (earlier >= 0) {
    const count = people.filter((other) => other !== person && prior[other] === earlier).length;
    statements.push(say('met_before', { count }));
  }
  const set = pairs.atoms.get(pairs.atomOf[person] ?? person);
  if (set !== undefined) statements.push(say('together', { count: set.length - 1 }));
  const foes = (pairs.foeStart[person + 1] ?? 0) - (pairs.foeStart[person] ?? 0);
  if (foes > 0) statements.push(sayToStaff('apart', { count: foes }));
  return statements;
}
