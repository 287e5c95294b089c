import { fold } from '../../course/fold.ts';
import { type FormationPerson, type FormationPlace, type Rung, RUNGS } from '../engine/types.ts';

/** Where a group stands. */
export type Stand = { readonly place: string; readonly rung: Rung };

const NOWHERE: FormationPlace = { lga: null, state: null, zone: null, country: null };

/**
 * The full path of a group's place, as most of its locals write it: the group itself keeps only the name on its rung, and
 * equal names in two states are two places. Unknown rungs are null.
 */
export function pathOf({ place, rung }: Stand, locals: readonly FormationPerson[]): FormationPlace {
  const path: Record<Rung, string | null> = { ...NOWHERE };
  const here = locals.filter((person) => same(person.place[rung], place));
  for (const step of RUNGS.slice(RUNGS.indexOf(rung))) path[step] = commonest(here, step);
  if (rung !== 'country') path[rung] = place;
  else path.country = commonest(locals, 'country');
  return path;
}

/** Does somebody of this place live where the group stands? Who names no country lives in any. */
export function livesIn(home: FormationPlace, path: FormationPlace, rung: Rung): boolean {
  if (!agree(home, path, RUNGS.indexOf(rung) + 1)) return false;
  return rung === 'country' || same(home[rung], path[rung]);
}

/** The lowest rung on which two places are one; null where they are in two countries. */
export function meetingRung(home: FormationPlace, path: FormationPlace): Rung | null {
  for (const [at, rung] of RUNGS.entries())
    if (rung !== 'country' && same(home[rung], path[rung]) && agree(home, path, at + 1)) return rung;
  return agree(home, path, RUNGS.indexOf('country')) ? 'country' : null;
}

/** Nothing that both name from this rung on is different. */
function agree(a: FormationPlace, b: FormationPlace, from: number): boolean {
  return RUNGS.slice(from).every((rung) => a[rung] === null || b[rung] === null || same(a[rung], b[rung]));
}

function same(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && fold(a) === fold(b);
}

function commonest(people: readonly FormationPerson[], rung: Rung): string | null {
  const counts = new Map<string, number>();
  for (const { place } of people) {
    const name = place[rung];
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [first] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return first?.[0] ?? null;
}
