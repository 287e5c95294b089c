import { membersOf } from './arrange.ts';
import type { Cohort } from './cohort.ts';
import type { Plot } from './pool.ts';
import { isFeasible, largestFeasible } from './sizes.ts';
import type { UnplacedReason } from './types.ts';

/**
 * Units by track: sets by their first member, and single people. A set across tracks goes where most of its people are, or to a
 * track that lacks just them.
 * @param unplaced who cannot be planned for; takes people without a track
 */
export function unitsByTrack(
  { cohort, pairs, rules }: Plot,
  unplaced: Map<number, UnplacedReason>,
): number[][] {
  const { track } = cohort.traits;
  const units: number[][] = cohort.trackNames.map(() => []);
  const across: number[] = [];
  for (let i = 0; i < cohort.size; i++) {
    if (unplaced.has(i)) continue;
    if (cohort.trackNames[track[i] ?? 0] === '') unplaced.set(i, 'no_track');
    else if (pairs.bound[i] !== 1 || pairs.atomOf[i] === i) {
      const set = membersOf(i, pairs);
      if (set.some((member) => track[member] !== track[i])) across.push(i);
      else units[track[i] ?? 0]?.push(i);
    }
  }
  if (across.length === 0) return units;
  const weights = units.map((own) => own.reduce((sum, unit) => sum + membersOf(unit, pairs).length, 0));
  for (const unit of across.sort((a, b) => (cohort.traits.hash[a] ?? 0) - (cohort.traits.hash[b] ?? 0))) {
    const set = membersOf(unit, pairs);
    const tracks = tracksOf(cohort, set);
    const lacking = tracks.find((code) => {
      const own = weights[code] ?? 0;
      return !isFeasible(own, rules) && isFeasible(own + set.length, rules);
    });
    const chosen = lacking ?? tracks[0] ?? 0;
    weights[chosen] = (weights[chosen] ?? 0) + set.length;
    units[chosen]?.push(unit);
  }
  return units;
}

/** The tracks of some people, the commonest first, and by name among equals. */
export function tracksOf({ traits }: Cohort, people: readonly number[]): number[] {
  const [first = 0] = people;
  if (people.every((person) => traits.track[person] === traits.track[first]))
    return people.length === 0 ? [] : [traits.track[first] ?? 0];
  const counts = new Map<number, number>();
  for (const person of people) {
    const track = traits.track[person] ?? 0;
    counts.set(track, (counts.get(track) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([track]) => track);
}

/**
 * Who makes a group of several tracks legal where tracks may mix: those whose own track has no feasible size, and sets across
 * tracks.
 * @returns a test for people
 */
export function mixers({ cohort, pairs, rules }: Plot): (person: number) => boolean {
  const { track } = cohort.traits;
  const sizes = new Int32Array(cohort.trackNames.length);
  for (const code of track) sizes[code] = (sizes[code] ?? 0) + 1;
  return (person) => {
    if (!isFeasible(sizes[track[person] ?? 0] ?? 0, rules)) return true;
    if (pairs.bound[person] !== 1) return false;
    const set = pairs.atoms.get(pairs.atomOf[person] ?? person) ?? [];
    return set.some((member) => track[member] !== track[person]);
  };
}

/** Why a unit is in no group. @param units all of its track */
export function reasonFor(plot: Plot, unit: number, units: readonly number[]): UnplacedReason {
  let people = 0;
  for (const other of units) people += membersOf(other, plot.pairs).length;
  if (people < plot.rules.min) return 'too_few_in_track';
  if (plot.pairs.bound[unit] === 1) return 'pair_rules';
  const isFree = units.every((other) => plot.pairs.bound[other] !== 1);
  return isFree || largestFeasible(people, plot.rules) < people ? 'no_feasible_size' : 'pair_rules';
}
