import type { CourseStores } from '../../course/room.ts';
import type { CourseScope } from '../../scope.ts';
import { CohortBuilder } from '../engine/cohort.ts';
import { resolvePairs } from '../engine/pairs.ts';
import type { Plot } from '../engine/pool.ts';
import type { FormationPerson, FormationRules } from '../engine/types.ts';
import { readPeople } from '../proposals/people.store.ts';
import { withWishes } from '../setup/setup.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import type { Proposal, ProposalStore } from '../proposals/proposals.store.ts';
import type { Table } from './judge.ts';

export type TableDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly setup: SetupStore;
  /** How long people are taken to be as they were read, in milliseconds. */
  readonly freshMs?: number;
};
export type Tables = {
  /** The tracks of these groups and people, ready to be judged. */
  lay(
    scope: CourseScope,
    proposal: Proposal,
    tracks: readonly string[],
    personIds: readonly string[],
  ): Promise<Table>;
  /** Of the people in groups, how many have a known skill and activity. */
  countKnown(scope: CourseScope, proposal: Proposal): Promise<{ skill: number; activity: number }>;
};

type Kept = {
  readonly plot: Plot;
  readonly people: ReadonlyMap<string, FormationPerson>;
  readonly at: number;
};

/** Plots of one process: a track of 10,000 takes a few megabytes. */
const MOST_KEPT = 8;
const MOST_LEFT = 100_000;
/** They were never part of the run that figures are reckoned from. */
const UNREADY = new Set(['track_unknown', 'place_unknown']);

/** Reads what a move concerns: whole tracks, since chance, balance and bounds are reckoned over them. */
export function createTables({ course, proposals, setup, freshMs = 30_000 }: TableDeps): Tables {
  const kept = new Map<string, Kept>();
  const plotOf = async (
    scope: CourseScope,
    { id, rules }: Proposal,
    tracks: readonly string[],
    ids: ReadonlySet<string>,
  ): Promise<Kept> => {
    const key = JSON.stringify([scope.courseId, id, tracks]);
    const known = kept.get(key);
    const fresh = known !== undefined && performance.now() - known.at < freshMs;
    if (fresh && known.people.size === ids.size && [...ids].every((one) => known.people.has(one)))
      return known;
    const all = await readPeople(course, scope, [...ids].sort());
    const people = withWishes(all, await setup.allWishes(scope));
    const read = {
      plot: plotFor(people, rules),
      people: new Map(people.map((person) => [person.id, person])),
      at: performance.now(),
    };
    kept.delete(key);
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(key, read);
    return read;
  };
  return {
    async lay(scope, proposal, tracks, personIds) {
      const sorted = [...new Set(tracks)].sort();
      const [groups, ...leftBy] = await Promise.all([
        proposals.groupsOfTracks(scope, proposal, sorted),
        ...sorted.map((track) => proposals.unplacedOf(scope, proposal, track, '', MOST_LEFT)),
      ]);
      const left = leftBy.flat().filter(({ reason }) => !UNREADY.has(reason));
      const leftIds = left.map(({ personId }) => personId);
      const ids = new Set([...groups.flatMap(({ memberIds }) => memberIds), ...leftIds, ...personIds]);
      const { plot, people } = await plotOf(scope, proposal, sorted, ids);
      return { plot, people, groups, left: leftIds };
    },
    async countKnown(scope, proposal) {
      const known = { skill: 0, activity: 0 };
      for await (const page of proposals.eachGroup(scope, proposal)) {
        const ids = page.flatMap(({ memberIds }) => memberIds);
        for (const { skill, activity } of (await course.profiles.findMany(scope, ids)).values()) {
          if (skill !== null) known.skill += 1;
          if (activity !== null) known.activity += 1;
        }
      }
      return known;
    },
  };
}

/** Pairs hold across tracks as well, since a hand may put people of two tracks together. */
export function plotFor(people: readonly FormationPerson[], rules: FormationRules): Plot {
  const builder = new CohortBuilder();
  for (const person of people) builder.add(person);
  const cohort = builder.build();
  return { cohort, rules, pairs: resolvePairs(cohort, { ...rules, crossTrack: true }) };
}
