import type { Cohort } from './cohort.ts';
import { say, type Statement } from './explanation.ts';
import { peopleByTrack } from './location.ts';
import { cleanText, COUNTRY, isWithin, meetingNode, WORLD } from './places.ts';
import type { Plot } from './pool.ts';
import { isLocal, type SeatedPool } from './seating.ts';
import { bestGroupCount, evenSizeCost } from './sizes.ts';
import { RUNGS } from './types.ts';

/** How many people of a track live at or below a node; at the root all of them. */
export type Crowds = (track: number, node: number) => number;

export function countCrowds(cohort: Cohort): Crowds {
  const { tree, traits } = cohort;
  const counts = peopleByTrack(cohort).map((people) => {
    const own = new Map([[0, people.length]]);
    for (const person of people) {
      for (let node = traits.home[person] ?? 0; node !== 0; node = tree.parent[node] ?? 0)
        own.set(node, (own.get(node) ?? 0) + 1);
    }
    return own;
  });
  return (track, node) => counts[track]?.get(node) ?? 0;
}

/** What somebody wrote for the rung of a node. */
export function ownText(cohort: Cohort, person: number, node: number): string {
  const level = cohort.tree.level[node] ?? WORLD;
  const rung = RUNGS[level];
  const text =
    rung === undefined ? null : cleanText(cohort.places[cohort.placeOf[person] ?? 0]?.[rung] ?? null);
  return text ?? (level === COUNTRY ? cohort.onlyCountry : '');
}

/** Why the group stands where it does, rung by rung from the person's own place up, and whether they are at home there. */
export function placeStatements(
  plot: Plot,
  crowds: Crowds,
  person: number,
  pool: SeatedPool,
  place: string,
): Statement[] {
  const { tree, traits } = plot.cohort;
  const { min: needed } = plot.rules;
  const home = traits.home[person] ?? 0;
  const track = traits.track[person] ?? 0;
  const statements: Statement[] = [];
  const meets = meetingNode(tree, home, pool.node);
  for (let node = home; node !== 0 && node !== meets; node = tree.parent[node] ?? 0) {
    const people = crowds(track, node);
    const params = { rung: rungOf(plot, node), place: ownText(plot.cohort, person, node), people, needed };
    statements.push(say(people < needed ? 'place_too_few' : 'place_others', params));
  }
  const people = crowds(pool.track, pool.node);
  statements.push(say('place_group', { rung: rungOf(plot, pool.node), place, people, needed }));
  if (isLocal(plot, person, pool.node)) statements.push(say('local'));
  else
    statements.push(say('guest', { place: ownText(plot.cohort, person, home), meets: rungOf(plot, meets) }));
  return statements;
}

function rungOf({ cohort: { tree } }: Plot, node: number): string {
  return RUNGS[Math.min(tree.level[node] ?? COUNTRY, COUNTRY)] ?? 'country';
}

/** Why groups of a pool have the sizes they have. */
export function sizeStatement({ cohort, rules }: Plot, pool: SeatedPool, size: number): Statement {
  const { home } = cohort.traits;
  const people = pool.members.length;
  const groups = pool.names.length;
  if (size === rules.ideal) return say('size_ideal', { size });
  const params = { size, ideal: rules.ideal, people, groups };
  const locals = pool.members.filter((person) => isWithin(cohort.tree, home[person] ?? 0, pool.node)).length;
  const isEven = size === Math.floor(people / groups) || size === Math.ceil(people / groups);
  const best = bestGroupCount(people, rules);
  if (isEven && best > 0 && evenSizeCost(people, groups, rules) === evenSizeCost(people, best, rules))
    return say('size_even', params);
  return say(isEven && locals < people ? 'size_locals' : 'size_kept', params);
}
