import { fits, type Hall, localsOf } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';

const SWEEPS = 3;

/** Lets those whose seat is new to them change to another group of their pool, where rules and sizes gain by it. */
export function polish(hall: Hall): void {
  for (const pool of hall.at.values()) {
    if (pool.size < 2) continue;
    for (let sweep = 0; sweep < SWEEPS; sweep++) if (!polishPool(hall, [...pool])) break;
  }
}

function polishPool(hall: Hall, pool: readonly KeptGroup[]): boolean {
  const { min, max } = hall.plot.rules;
  let found = false;
  for (const from of pool) {
    // Few who live where the group stands must not leave it to its guests.
    if (localsOf(hall.plot, from) <= min && localsOf(hall.plot, from) < from.people.length) continue;
    for (const person of from.people) {
      if (from.people.length <= min || !hall.isMovable(person) || !hall.isNew(person, from)) continue;
      let best: KeptGroup | null = null;
      let bestCost = hall.scale.costOfHaving(from, person) - 1e-9;
      for (const to of pool) {
        if (to === from || to.people.length >= max || !fits(hall, to, person)) continue;
        const cost = hall.scale.costOfSeating(to, person);
        if (cost < bestCost) [best, bestCost] = [to, cost];
      }
      if (best === null) continue;
      from.people = from.people.filter((other) => other !== person);
      best.people.push(person);
      found = true;
    }
  }
  return found;
}
