import { fold } from '../../course/fold.ts';
import { byIdentity } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { mixers, tracksOf } from './tracks.ts';
import { type CurrentPlacement, type Rung, RUNGS } from './types.ts';

/** A group of an update while it is put together. */
export type KeptGroup = {
  /** null for a new one. */
  readonly name: string | null;
  readonly track: number;
  node: number;
  people: number[];
};

/** The groups to keep with those who can stay in them. */
export type Kept = {
  readonly groups: KeptGroup[];
  /** The name of somebody's group of before. */
  readonly before: (person: number) => string | undefined;
  /** How many people had one. */
  readonly seated: number;
  /** Every name of before, also of groups of whom nobody is left. */
  readonly names: ReadonlySet<string>;
  /** The track of each group of before. */
  readonly trackOf: ReadonlyMap<string, number>;
};

/**
 * Finds the groups of an earlier run again: a group's track is its people's commonest, its place the one that the earlier
 * run gave it. Who changed track is in none, but for groups that may mix.
 */
export function readKept(plot: Plot, previous: readonly CurrentPlacement[]): Kept {
  const { cohort } = plot;
  const names: string[] = [];
  const codes = new Map<string, number>();
  const codeOf = new Int32Array(cohort.size).fill(-1);
  const members: number[][] = [];
  const votes = new Ballot(plot);
  let seated = 0;
  for (const placement of previous) {
    const person = cohort.indexOf(placement.id);
    if (person < 0 || placement.group === '') continue;
    let code = codes.get(placement.group);
    if (code === undefined) {
      code = names.push(placement.group) - 1;
      codes.set(placement.group, code);
      members.push([]);
    }
    codeOf[person] = code;
    members[code]?.push(person);
    votes.cast(code, person, placement);
    seated++;
  }
  const trackOf = new Map<string, number>();
  const groups = keepable(plot, names, members, votes, trackOf);
  return {
    groups,
    before: (person) => names[codeOf[person] ?? -1],
    seated,
    names: new Set(previous.map(({ group }) => group)),
    trackOf,
  };
}

function keepable(
  plot: Plot,
  names: readonly string[],
  members: readonly number[][],
  votes: Ballot,
  trackOf: Map<string, number>,
): KeptGroup[] {
  const { cohort, rules } = plot;
  const mayMix = mixers(plot);
  const order = byIdentity(cohort);
  const byName = [...names.keys()].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1));
  return byName.map((code) => {
    const name = names[code] ?? '';
    const all = (members[code] ?? []).sort(order);
    const [track = 0] = tracksOf(cohort, all);
    const mixes = rules.crossTrack && all.some((person) => mayMix(person));
    const people = mixes ? all : all.filter((person) => cohort.traits.track[person] === track);
    trackOf.set(name, track);
    const node = votes.winner(code) ?? lowestShared(plot, people, Math.min(rules.min, people.length));
    return { name, track, node, people };
  });
}

/** Finds where groups stand: where most of their locals of before live, at the rung that the earlier run gave. */
class Ballot {
  readonly #plot: Plot;
  readonly #folded = foldOnce();
  /** By group and node. */
  readonly #counts = new Map<number, number>();
  readonly #winners = new Map<number, number>();

  constructor(plot: Plot) {
    this.#plot = plot;
  }

  cast(group: number, person: number, { rung, place, guest }: CurrentPlacement): void {
    if (rung === undefined || guest === true) return;
    const { home } = this.#plot.cohort.traits;
    const node = ancestorAt(this.#plot, home[person] ?? 0, rung);
    if (node === 0) return;
    if (place !== undefined && !isCalled(this.#plot, node, this.#folded(place), this.#folded)) return;
    const size = this.#plot.cohort.tree.size;
    const count = (this.#counts.get(group * size + node) ?? 0) + 1;
    this.#counts.set(group * size + node, count);
    const best = this.#winners.get(group);
    const most = best === undefined ? 0 : (this.#counts.get(group * size + best) ?? 0);
    if (best === undefined || count > most || (count === most && node < best)) this.#winners.set(group, node);
  }

  /** The node with the most votes, the lowest-numbered among equals. */
  winner(group: number): number | undefined {
    return this.#winners.get(group);
  }
}

/** A country without a name of its own is called after the only one there is. */
function isCalled({ cohort }: Plot, node: number, place: string, folded: (text: string) => string): boolean {
  return place === cohort.tree.folded[node] || place === folded(cohort.onlyCountry);
}

/** Folds texts, each of them once: thousands of people name the same place. */
function foldOnce(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? fold(text);
    known.set(text, found);
    return found;
  };
}

function ancestorAt({ cohort: { tree } }: Plot, home: number, rung: Rung): number {
  const level = RUNGS.indexOf(rung);
  let node = home;
  while (node !== 0 && (tree.level[node] ?? 0) < level) node = tree.parent[node] ?? 0;
  return tree.level[node] === level ? node : 0;
}

/** The lowest node with at least so many of these people; where no place holds them, the widest above one of them. */
export function lowestShared({ cohort }: Plot, people: readonly number[], needed: number): number {
  const { tree, traits } = cohort;
  let best = 0;
  let widest = 0;
  for (const person of people) {
    for (let node = traits.home[person] ?? 0; node !== 0; node = tree.parent[node] ?? 0) {
      if ((tree.level[node] ?? 0) > (tree.level[widest] ?? 0) || widest === 0) widest = node;
      const locals = people.filter((other) => isWithin(tree, traits.home[other] ?? 0, node)).length;
      if (locals < needed) continue;
      if (best === 0 || (tree.level[node] ?? 0) < (tree.level[best] ?? 0)) best = node;
      break;
    }
  }
  return best === 0 ? widest : best;
}
