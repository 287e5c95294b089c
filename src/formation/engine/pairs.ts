import type { Cohort } from './cohort.ts';
import { newBytes, newInts } from './growing.ts';
import type { FormationRules, UnplacedReason } from './types.ts';

/** Must-together sets and must-not pairs, resolved. */
export type Pairs = {
  /** The set of a person: the index of its first member by hash; their own index where they are alone. */
  readonly atomOf: Int32Array;
  /** Members of sets of two and more. */
  readonly atoms: ReadonlyMap<number, readonly number[]>;
  /** 1 for those in a set or with somebody to avoid. */
  readonly bound: Uint8Array;
  /** Whom each must not meet: start in `foes`; one entry more than people. */
  readonly foeStart: Int32Array;
  readonly foes: Int32Array;
  /** People whose sets cannot be kept, and why. */
  readonly refused: ReadonlyMap<number, UnplacedReason>;
};

/** Closes must-together transitively and must-not both ways. Names of people who are not here are left out. */
export function resolvePairs(cohort: Cohort, rules: FormationRules): Pairs {
  const atomOf = newInts(cohort.size);
  for (let i = 0; i < cohort.size; i++) atomOf[i] = i;
  const atoms = gatherSets(cohort, atomOf);
  const { foeStart, foes } = gatherFoes(cohort, rules);
  const refused = new Map<number, UnplacedReason>();
  for (const members of atoms.values()) {
    const reason = refusalOf(members, cohort, rules, atomOf, foeStart, foes);
    if (reason !== null) for (const member of members) refused.set(member, reason);
  }
  const bound = newBytes(cohort.size);
  for (const members of atoms.values()) for (const member of members) bound[member] = 1;
  for (const foe of foes) bound[foe] = 1;
  return { atomOf, atoms, bound, foeStart, foes, refused };
}

function gatherSets(cohort: Cohort, atomOf: Int32Array): Map<number, number[]> {
  const rootOf = (index: number): number => {
    let at = index;
    while (atomOf[at] !== at) at = atomOf[at] = atomOf[atomOf[at] ?? 0] ?? 0;
    return at;
  };
  for (const [index, ids] of cohort.mustWith) {
    for (const id of ids) {
      const other = cohort.indexOf(id);
      if (other >= 0) atomOf[rootOf(other)] = rootOf(index);
    }
  }
  const gathered = new Map<number, number[]>();
  const touched = new Set<number>();
  for (const [index, ids] of cohort.mustWith) {
    touched.add(index);
    for (const id of ids) if (cohort.indexOf(id) >= 0) touched.add(cohort.indexOf(id));
  }
  for (const index of touched) {
    const root = rootOf(index);
    const members = gathered.get(root);
    if (members === undefined) gathered.set(root, [index]);
    else members.push(index);
  }
  const atoms = new Map<number, number[]>();
  for (const members of gathered.values()) {
    if (members.length < 2) continue;
    members.sort(byIdentity(cohort));
    const first = members[0] ?? 0;
    for (const member of members) atomOf[member] = first;
    atoms.set(first, members);
  }
  return atoms;
}

/** Orders people independently of the roster: by hash, and by id where hashes are equal. */
export function byIdentity(cohort: Cohort): (a: number, b: number) => number {
  const { hash } = cohort.traits;
  return (a, b) =>
    (hash[a] ?? 0) - (hash[b] ?? 0) || ((cohort.ids[a] ?? '') < (cohort.ids[b] ?? '') ? -1 : 1);
}

function gatherFoes(
  cohort: Cohort,
  { crossTrack }: FormationRules,
): { foeStart: Int32Array; foes: Int32Array } {
  const { track } = cohort.traits;
  const sets = new Map<number, Set<number>>();
  const add = (a: number, b: number): void => {
    const known = sets.get(a);
    if (known === undefined) sets.set(a, new Set([b]));
    else known.add(b);
  };
  for (const [index, ids] of cohort.mustNotWith) {
    for (const id of ids) {
      const other = cohort.indexOf(id);
      // People of two tracks do not meet anyway, where tracks do not mix.
      if (other < 0 || other === index || (!crossTrack && track[other] !== track[index])) continue;
      add(index, other);
      add(other, index);
    }
  }
  const foeStart = newInts(cohort.size + 1);
  let total = 0;
  for (let i = 0; i < cohort.size; i++) {
    foeStart[i] = total;
    total += sets.get(i)?.size ?? 0;
  }
  foeStart[cohort.size] = total;
  const foes = newInts(total);
  for (const [index, others] of sets) {
    let at = foeStart[index] ?? 0;
    for (const other of others) foes[at++] = other;
  }
  return { foeStart, foes };
}

function refusalOf(
  members: readonly number[],
  cohort: Cohort,
  rules: FormationRules,
  atomOf: Int32Array,
  foeStart: Int32Array,
  foes: Int32Array,
): UnplacedReason | null {
  if (members.length > rules.max) return 'must_set_too_large';
  const first = members[0] ?? 0;
  for (const member of members) {
    for (let at = foeStart[member] ?? 0; at < (foeStart[member + 1] ?? 0); at++) {
      if (atomOf[foes[at] ?? 0] === first) return 'must_set_contradicts';
    }
  }
  const { track } = cohort.traits;
  const mixed = members.some((member) => track[member] !== track[first]);
  return mixed && !rules.crossTrack ? 'must_set_across_tracks' : null;
}

/** Whether two people must not meet. */
export function areFoes(pairs: Pick<Pairs, 'foeStart' | 'foes'>, a: number, b: number): boolean {
  for (let at = pairs.foeStart[a] ?? 0; at < (pairs.foeStart[a + 1] ?? 0); at++) {
    if (pairs.foes[at] === b) return true;
  }
  return false;
}
