import type { Plot } from './pool.ts';
import { fewestMoves } from './resize.ts';
import type { Solution } from './solution.ts';
import type { MoveReason, Term } from './types.ts';
import type { Update } from './update.ts';

/** What an update did: the names that groups keep, why people are where they are, and the moves beside their bound. */
export type Concluded = {
  readonly kept: ReadonlyMap<number, string>;
  readonly reasons: ReadonlyMap<number, MoveReason>;
  readonly moves: Term;
};

export function concludeUpdate(plot: Plot, update: Update, solution: Solution): Concluded {
  const kept = new Map<number, string>();
  for (const [at, pool] of solution.pools.entries()) {
    for (const [group, name] of (update.names[at] ?? []).entries()) {
      if (name !== null) kept.set(pool.firstGroup + group, name);
    }
  }
  const alive = new Set(kept.values());
  const reasons = new Map<number, MoveReason>();
  let moves = 0;
  for (let person = 0; person < plot.cohort.size; person++) {
    const before = update.kept.before(person);
    const now = kept.get(solution.groupOf[person] ?? -1);
    if (before !== undefined && before !== now) moves++;
    const reason = reasonOf(plot, update, person, before, now, alive);
    if (reason !== '') reasons.set(person, reason);
  }
  const bound = Math.min(moves, boundMoves(plot, update));
  return {
    kept,
    reasons,
    moves: { name: 'moves', value: moves, bound, random: Math.max(moves, chanceMoves(update, solution)) },
  };
}

function reasonOf(
  plot: Plot,
  update: Update,
  person: number,
  before: string | undefined,
  now: string | undefined,
  alive: ReadonlySet<string>,
): MoveReason {
  if (before === undefined) return 'joined';
  if (before === now) return plot.cohort.pinned[person] === 1 ? 'pinned' : '';
  // A changed track is a leave and a join; in a group of several tracks nobody need have changed theirs.
  const isChanged = update.kept.trackOf.get(before) !== plot.cohort.traits.track[person];
  if (isChanged && !plot.rules.crossTrack) return 'joined';
  return alive.has(before) ? 'borrowed' : 'dissolved';
}

/** Moves where the same seats are filled by chance: all but one in so many groups move. */
function chanceMoves(update: Update, solution: Solution): number {
  return Math.round(update.kept.seated * (1 - 1 / Math.max(1, solution.groupCount)));
}

/** Per track, the moves that sizes alone call for, and everybody who cannot be kept for a changed track. */
function boundMoves(plot: Plot, update: Update): number {
  const { cohort, rules } = plot;
  const { track } = cohort.traits;
  const own = new Int32Array(cohort.trackNames.length);
  for (const code of track) own[code] = (own[code] ?? 0) + 1;
  const groups = cohort.trackNames.map((): Update['sizes'][number][] => []);
  let kept = 0;
  for (const group of update.sizes) {
    groups[group.track]?.push(group);
    kept += group.size;
  }
  // Whoever was in a group and is in none that can be kept moves in any case.
  let bound = update.kept.seated - kept;
  if (rules.crossTrack) return bound;
  for (const [code, sizes] of groups.entries()) {
    const staying = sizes.reduce((sum, { size }) => sum + size, 0);
    bound += fewestMoves(sizes, (own[code] ?? 0) - staying, rules).moves;
  }
  return bound;
}
