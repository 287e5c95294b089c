import { costOfSeating, fits, type Hall, localsOf, ruleChange } from './hall.ts';
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
  const { min, max, ideal } = hall.plot.rules;
  let found = false;
  for (const from of pool) {
    // Few who live where the group stands must not leave it to its guests.
    if (localsOf(hall.plot, from) <= min && localsOf(hall.plot, from) < from.people.length) continue;
    for (const person of from.people) {
      if (from.people.length <= min || !hall.isMovable(person) || !hall.isNew(person, from)) continue;
      const others = from.people.filter((other) => other !== person);
      const relief = ruleChange(hall, others, person) + 2 * (others.length - ideal) + 1;
      let best: KeptGroup | null = null;
      let bestCost = relief - 1e-9;
      for (const to of pool) {
        if (to === from || to.people.length >= max || !fits(hall, to, person)) continue;
        const cost = costOfSeating(hall, to, person);
        if (cost < bestCost) [best, bestCost] = [to, cost];
      }
      if (best === null) continue;
      from.people = others;
      best.people.push(person);
      found = true;
    }
  }
  return found;
}
