import { membersOf } from './arrange.ts';
import { climb } from './plan.ts';
import type { Plot, Pool } from './pool.ts';
import { mixers, tracksOf } from './tracks.ts';

/** A pool of several tracks while it is planned. */
const MIXED = -1;

/**
 * The cross-track fallback: seats those who may mix, and whom their own track leaves out, in pools of any track, or opens groups
 * for them, with others borrowed where they are too few.
 * @param pools those of all tracks; changed
 * @returns units for whom there is no place either
 */
export function mixTracks(plot: Plot, left: readonly number[], pools: Pool[]): number[] {
  const mayMix = mixers(plot);
  const eligible = left.filter((unit) => mayMix(unit));
  const lost = climb(plot, MIXED, eligible, pools);
  for (const [at, pool] of pools.entries()) {
    if (pool.track !== MIXED) continue;
    const people = pool.units.flatMap((unit) => [...membersOf(unit, plot.pairs)]);
    const tracks = tracksOf(plot.cohort, people);
    const isTaken = (track: number): boolean =>
      pools.some((other) => other.track === track && other.node === pool.node);
    pools[at] = { ...pool, track: tracks.find((track) => !isTaken(track)) ?? tracks[0] ?? 0 };
  }
  return [...left.filter((unit) => !mayMix(unit)), ...lost];
}
