import { dissolve, fits, type Hall, hosts } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { applyLoans, findLoans } from './loans.ts';
import { membersOf } from './arrange.ts';

/**
 * Settles a pool that has too few people for one group without leaving its place: others are borrowed from groups below, or its
 * people become guests there, whichever moves fewer.
 * @returns false where neither works
 */
export function settleThin(hall: Hall, node: number): boolean {
  const [group, ...others] = [...(hall.at.get(node) ?? [])].sort((a, b) => b.people.length - a.people.length);
  if (group === undefined || others.length > 0) return false;
  const below = [...(hall.under.get(node) ?? [])].filter((other) => other.node !== node);
  const loans = findLoans(hall, group, below, hall.plot.rules.min - group.people.length);
  const seats = seatsFor(hall, group, below);
  const borrowed = loans?.filter(({ person, from }) => !hall.isNew(person, from)).length ?? Infinity;
  const ended =
    seats === null ? Infinity : group.people.filter((person) => !hall.isNew(person, group)).length;
  if (Math.min(borrowed, ended) === Infinity) return false;
  if (loans !== null && borrowed < ended) {
    applyLoans(group, loans);
    return true;
  }
  dissolve(hall, group);
  for (const [unit, seat] of seats ?? []) seat.people.push(...membersOf(unit, hall.plot.pairs));
  return true;
}

/** A seat for each of a group's units in groups that host; null where one has none, or somebody must stay. */
function seatsFor(hall: Hall, group: KeptGroup, below: readonly KeptGroup[]): Map<number, KeptGroup> | null {
  const { pairs, rules, cohort } = hall.plot;
  if (group.people.some((person) => cohort.pinned[person] === 1)) return null;
  const seats = new Map<number, KeptGroup>();
  const taken = new Map<KeptGroup, number>();
  const hosting = new Map<number, boolean>();
  for (const unit of new Set(group.people.map((person) => pairs.atomOf[person] ?? person))) {
    const weight = membersOf(unit, pairs).length;
    const seat = [...below]
      .filter((other) => {
        const known = hosting.get(other.node) ?? hosts(hall, other.node);
        hosting.set(other.node, known);
        const size = other.people.length + (taken.get(other) ?? 0);
        return known && size + weight <= rules.max && fits(hall, other, unit);
      })
      .sort((a, b) => a.people.length + (taken.get(a) ?? 0) - b.people.length - (taken.get(b) ?? 0))[0];
    if (seat === undefined) return null;
    seats.set(unit, seat);
    taken.set(seat, (taken.get(seat) ?? 0) + weight);
  }
  return seats;
}
