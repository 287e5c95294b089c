import { createHash } from 'node:crypto';
import type { FormationPerson } from '../engine/types.ts';

/** How the people in question have changed since a proposal was formed, in people. */
export type Changes = {
  readonly joined: number;
  /** No longer fellows of the course. */
  readonly gone: number;
  /** In a group meanwhile. */
  readonly placed: number;
  /** Of another track or place than they were. */
  readonly moved: number;
};

/** What decides where somebody may be placed, in eleven signs. */
export function printOf({ track, place }: FormationPerson): string {
  const facts = [track, place.lga, place.state, place.zone, place.country];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 11);
}

/** A checksum over everybody's print, whatever their order. */
export function snapshotOf(prints: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [id, print] of [...prints].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${id} ${print}\n`);
  return hash.digest('base64url').slice(0, 22);
}

/** What is different between two snapshots of prints by person. */
export function compareSnapshots(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  placed: ReadonlySet<string>,
): Changes {
  const changes = { joined: 0, gone: 0, placed: 0, moved: 0 };
  for (const [id, print] of before) {
    const current = now.get(id);
    if (current === undefined) changes[placed.has(id) ? 'placed' : 'gone'] += 1;
    else if (current !== print) changes.moved += 1;
  }
  for (const id of now.keys()) if (!before.has(id)) changes.joined += 1;
  return changes;
}
