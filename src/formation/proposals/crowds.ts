import type { FormationPerson, Rung } from '../engine/types.ts';

/** How many of a track there are in each place of each rung. */
export type Crowds = {
  /** Of this person's track, in this person's place on that rung. */
  at(person: FormationPerson, rung: Rung): number;
};

const RUNGS_DOWN = ['country', 'zone', 'state', 'lga'] as const;

export function countCrowds(people: readonly FormationPerson[]): Crowds {
  const crowds = new Map<string, number>();
  for (const person of people) {
    for (const rung of RUNGS_DOWN) {
      if (rung !== 'country' && person.place[rung] === null) continue;
      const key = keyOf(person, rung);
      crowds.set(key, (crowds.get(key) ?? 0) + 1);
    }
  }
  return { at: (person, rung) => crowds.get(keyOf(person, rung)) ?? 0 };
}

/** The full path: equal names in two states are two places. */
function keyOf({ track, place }: FormationPerson, rung: Rung): string {
  const path = RUNGS_DOWN.slice(0, RUNGS_DOWN.indexOf(rung) + 1).map((step) => place[step] ?? '');
  return JSON.stringify([track, rung, ...path]);
}
