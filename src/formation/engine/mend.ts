import { dissolve, fits, type Hall, upwards } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { applyLoans, findLoans } from './loans.ts';
import { byIdentity } from './pairs.ts';
import { planMend } from './plan-mend.ts';
import { bestFor, seatBelow, seatEach, shortGroups, sit } from './seat.ts';

/**
 * Brings every group to the least size: each pool by itself with the fewest moves, and what cannot help itself with the
 * neighbours' help.
 * @returns units without a seat
 */
export function mend(hall: Hall): number[] {
  const left: number[] = [];
  for (const node of [...hall.at.keys()].sort((a, b) => b - a)) left.push(...mendPool(hall, node));
  for (const group of shortGroups(hall, hall.groups).reverse()) left.push(...mendAlone(hall, group));
  return seatAround(hall, left);
}

function mendPool(hall: Hall, node: number): number[] {
  const pool = hall.at.get(node);
  if (shortGroups(hall, pool).length === 0) return [];
  const plan = planMend(hall, node, 0);
  if (plan === null) return [];
  let freed: number[] = [];
  for (const group of plan.doomed) freed.push(...dissolve(hall, group));
  freed.sort(byIdentity(hall.plot.cohort));
  for (const group of shortGroups(hall, pool)) {
    while (group.people.length < hall.plot.rules.min) {
      const unit = bestFor(hall, group, freed);
      if (unit === null) break;
      sit(hall.plot, group, unit);
      freed = freed.filter((other) => other !== unit);
    }
    const loans = findLoans(hall, group, [...(pool ?? [])], hall.plot.rules.min - group.people.length);
    if (loans !== null) applyLoans(group, loans);
  }
  return seatEach(hall, freed, [...(pool ?? [])]);
}

/** A group that its pool cannot bring to the least size borrows from near by, or ends; with pinned people it waits for more. */
function mendAlone(hall: Hall, group: KeptGroup): number[] {
  const wanted = hall.plot.rules.min - group.people.length;
  if (wanted <= 0) return [];
  for (const node of upwards(hall, group.node)) {
    const loans = findLoans(hall, group, [...(hall.under.get(node) ?? [])], wanted);
    if (loans === null) continue;
    applyLoans(group, loans);
    return [];
  }
  return group.people.some((person) => hall.plot.cohort.pinned[person] === 1) ? [] : dissolve(hall, group);
}

/** Seats units near their homes, rung by rung. @returns those for whom there is no seat */
export function seatAround(hall: Hall, units: readonly number[]): number[] {
  return units.filter((unit) => {
    for (const node of upwards(hall, hall.plot.cohort.traits.home[unit] ?? 0))
      if (seatBelow(hall, node, [unit]).length === 0) return false;
    return true;
  });
}

/** Opens a group for units that have no seat, with people from groups that can spare them. @returns those still without */
export function openByLoans(
  hall: Hall,
  units: readonly number[],
  admitGroup: (group: KeptGroup) => void,
): number[] {
  const rest = [...units];
  const group: KeptGroup = { name: null, track: hall.track, node: 0, people: [] };
  for (const unit of units) {
    if (!fits(hall, group, unit)) continue;
    sit(hall.plot, group, unit);
    rest.splice(rest.indexOf(unit), 1);
  }
  const [first] = group.people;
  if (first === undefined) return rest;
  for (const node of upwards(hall, hall.plot.cohort.traits.home[first] ?? 0)) {
    if (node === 0) break;
    const wanted = Math.max(0, hall.plot.rules.min - group.people.length);
    const loans = findLoans(hall, group, [...(hall.under.get(node) ?? [])], wanted);
    if (loans === null) continue;
    applyLoans(group, loans);
    group.node = node;
    admitGroup(group);
    return rest;
  }
  return [...units];
}
