import type {
  CurrentPlacement,
  FormationPerson,
  FormationRules,
  Rung,
} from '../../../../src/formation/engine/types.ts';
import { pathKeys } from './recount.ts';

const RUNGS: readonly Rung[] = ['lga', 'state', 'zone', 'country'];

/**
 * Moves that suffice where each pool helps itself: a table over its groups, with those who join at the nearest pool above their
 * place unless enough of them can open a group lower; a pool with too few people moves as a whole.
 */
export function sufficientMoves(
  people: readonly FormationPerson[],
  previous: readonly CurrentPlacement[],
  rules: Pick<FormationRules, 'min' | 'max'>,
): number {
  const keysOf = pathKeys(people);
  const keyOf = (person: FormationPerson, rung: number): string | null => {
    const key = keysOf.get(person.id)?.[rung] ?? null;
    return key === null ? null : JSON.stringify([person.track, rung, key]);
  };
  const seats = new Map(previous.map((placement) => [placement.id, placement]));
  const groups = new Map<string, { size: number; key: string | null }>();
  let joining: FormationPerson[] = [];
  for (const person of people) {
    const seat = seats.get(person.id);
    if (seat === undefined) {
      joining.push(person);
      continue;
    }
    const group = groups.get(seat.group) ?? { size: 0, key: null };
    const rung = RUNGS.indexOf(seat.rung ?? 'country');
    groups.set(seat.group, {
      size: group.size + 1,
      key: group.key ?? (seat.guest === true ? null : keyOf(person, rung)),
    });
  }
  const pools = new Map<string, { sizes: number[]; joining: number }>();
  for (const { size, key } of groups.values()) {
    const pool = pools.get(key ?? '') ?? { sizes: [], joining: 0 };
    pool.sizes.push(size);
    pools.set(key ?? '', pool);
  }
  for (let rung = 0; rung < 4; rung++) {
    const byKey = new Map<string | null, FormationPerson[]>();
    for (const person of joining)
      byKey.set(keyOf(person, rung), [...(byKey.get(keyOf(person, rung)) ?? []), person]);
    joining = [];
    for (const [key, waiting] of byKey) {
      const pool = key === null ? undefined : pools.get(key);
      if (pool !== undefined) pool.joining += waiting.length;
      else if (key === null || waiting.length < rules.min) joining.push(...waiting);
    }
  }
  let moves = 0;
  for (const pool of pools.values()) moves += fewestInPool(pool.sizes, pool.joining, rules);
  return moves;
}

function fewestInPool(
  sizes: readonly number[],
  joining: number,
  { min, max }: Pick<FormationRules, 'min' | 'max'>,
): number {
  const staying = sizes.reduce((sum, size) => sum + size, 0);
  const people = staying + joining;
  if (people < min) return staying;
  const opened = Math.min(Math.ceil(people / min), 2 + Math.ceil(joining / min));
  let table = new Map([[0, 0]]);
  for (const size of [...sizes, ...Array.from({ length: opened }, () => 0)]) {
    const next = new Map<number, number>();
    for (const [sum, cost] of table) {
      for (const target of [0, ...Array.from({ length: max - min + 1 }, (_, at) => min + at)]) {
        if (sum + target > people) break;
        const total = cost + Math.max(0, size - target);
        if (total < (next.get(sum + target) ?? Infinity)) next.set(sum + target, total);
      }
    }
    table = next;
  }
  for (let seated = people; seated > 0; seated--) {
    const moves = table.get(seated);
    if (moves !== undefined) return moves;
  }
  return staying;
}
