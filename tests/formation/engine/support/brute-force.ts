import type { FormationPerson, FormationRules } from '../../../../src/formation/engine/types.ts';
import { pathKeys, setsOf } from './recount.ts';

const COST = [0, 1, 3, 9, 9];

type Site = { readonly key: string; readonly rung: number; readonly cost: number; readonly locals: number };

/**
 * The fewest unplaced people of one track, and then the least location cost, by trying every division into groups and every place
 * for each. For a handful of people.
 */
export function bestByForce(
  people: readonly FormationPerson[],
  rules: FormationRules,
): { unplaced: number; location: number } {
  const keysOf = pathKeys(people);
  const mustPart = (a: FormationPerson, b: FormationPerson): boolean =>
    a.mustNotWith.includes(b.id) || b.mustNotWith.includes(a.id);
  const sets = setsOf(people);
  let best = { unplaced: people.length + 1, location: 0 };

  function isLegal(group: readonly FormationPerson[]): boolean {
    if (group.length < rules.min || group.length > rules.max) return false;
    if (
      sets.some((set) => set.some((one) => group.includes(one)) && !set.every((one) => group.includes(one)))
    )
      return false;
    return !group.some((a) => group.some((b) => a !== b && mustPart(a, b)));
  }

  function divide(at: number, groups: FormationPerson[][], left: number): void {
    if (left > best.unplaced) return;
    const person = people[at];
    if (person === undefined) {
      if (groups.every(isLegal)) settle(groups, left);
      return;
    }
    for (const group of groups) {
      if (group.length === rules.max) continue;
      group.push(person);
      divide(at + 1, groups, left);
      group.pop();
    }
    groups.push([person]);
    divide(at + 1, groups, left);
    groups.pop();
    if (
      sets.every(
        (set) => !set.includes(person) || set.every((one) => people.indexOf(one) >= at || isOut(one, groups)),
      )
    )
      divide(at + 1, groups, left + 1);
  }

  function settle(groups: readonly (readonly FormationPerson[])[], left: number): void {
    const limit = left < best.unplaced ? Infinity : best.location;
    const location = cheapest(
      groups.map((group) => sitesOf(group, keysOf)),
      [],
      groups,
      rules,
      limit,
    );
    if (location < limit) best = { unplaced: left, location };
  }

  divide(0, [], 0);
  return best;
}

function isOut(person: FormationPerson, groups: readonly (readonly FormationPerson[])[]): boolean {
  return !groups.some((group) => group.includes(person));
}

function sitesOf(
  group: readonly FormationPerson[],
  keysOf: ReadonlyMap<string, readonly (string | null)[]>,
): Site[] {
  const sites = new Map<string, Site>();
  for (const person of group) {
    for (const [rung, key] of (keysOf.get(person.id) ?? []).entries()) {
      if (key === null) continue;
      const path = JSON.parse(key) as (string | null)[];
      const costs = group.map((other) => COST[meeting(keysOf.get(other.id) ?? [], path, rung)] ?? 0);
      const locals = group.filter((other) => keysOf.get(other.id)?.[rung] === key).length;
      sites.set(`${rung} ${key}`, { key, rung, cost: costs.reduce((sum, cost) => sum + cost, 0), locals });
    }
  }
  return [...sites.values()].sort((a, b) => a.cost - b.cost);
}

function meeting(keys: readonly (string | null)[], path: readonly (string | null)[], from: number): number {
  for (let rung = from; rung < 4; rung++) {
    const above = path.slice(0, 4 - rung);
    if (above[above.length - 1] !== null && keys[rung] === JSON.stringify(above)) return rung;
  }
  return 4;
}

function cheapest(
  options: readonly (readonly Site[])[],
  chosen: readonly Site[],
  groups: readonly (readonly FormationPerson[])[],
  rules: FormationRules,
  limit: number,
): number {
  const cost = chosen.reduce((sum, site) => sum + site.cost, 0);
  if (cost >= limit) return limit;
  const sites = options[chosen.length];
  if (sites === undefined) return hostsWell(chosen, groups, rules) ? cost : limit;
  let best = limit;
  for (const site of sites) best = Math.min(best, cheapest(options, [...chosen, site], groups, rules, best));
  return best;
}

function hostsWell(
  sites: readonly Site[],
  groups: readonly (readonly FormationPerson[])[],
  rules: FormationRules,
): boolean {
  return sites.every(({ key, rung }) => {
    const pool = sites.map((site, at) => ({ ...site, people: groups[at]?.length ?? 0 }));
    const own = pool.filter((site) => site.key === key && site.rung === rung);
    const locals = own.reduce((sum, site) => sum + site.locals, 0);
    const all = own.reduce((sum, site) => sum + site.people, 0);
    return locals === all || locals >= own.length * rules.min;
  });
}
