import { fold } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import type { CourseScope } from '../../scope.ts';
import type {
  CurrentPlacement,
  FormationInput,
  FormationPerson,
  FormationResult,
  FormationRules,
  FormedGroup,
} from '../engine/types.ts';
import { outcomeOf } from '../proposals/outcome.ts';
import { readWaiting, type Waiting } from '../proposals/people.store.ts';
import type { Outcome } from '../proposals/proposals.store.ts';
import type { Recorder, RunInput } from '../proposals/records.store.ts';
import { withWishes } from '../setup/setup.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import { type Arrival, changedOf, type PublishedPlaces, sideOf } from './facts.ts';

export type ProposeUpdateDeps = {
  readonly course: CourseStores;
  readonly setup: SetupStore;
  readonly current: (scope: CourseScope) => Promise<PublishedPlaces>;
  /** The engine, in a thread of its own. */
  readonly formed: (input: FormationInput, recorder?: Recorder) => Promise<FormationResult>;
  readonly record: (input: RunInput) => Recorder;
};
/** The page names so many; the counts are of all. */
const MOST_NAMED = 100;

type Named = FormedGroup & { readonly keeps: string | null; readonly arrivals: Arrival[] };

/**
 * Forms the update that moves the fewest: groups that are published are kept under their ids, whoever joined is seated,
 * and it is set beside moving nobody and beginning afresh.
 * @param taken folded names that groups have or had
 */
export async function formUpdate(
  { course, setup, current, formed, record }: ProposeUpdateDeps,
  scope: CourseScope,
  { rules, anywhere }: { readonly rules: FormationRules; readonly anywhere: boolean },
  taken: ReadonlySet<string>,
): Promise<Outcome> {
  const places = await current(scope);
  const read = keepPlaced(await readWaiting(course, scope, new Set(), anywhere), places);
  const waiting = { ...read, people: withWishes(read.people, await setup.allWishes(scope)) };
  const { people } = waiting;
  const previous = people.flatMap((person) => placementOf(person, places));
  const recorder = record({ people, previous, nameOf: (id) => places.groups.get(id)?.name ?? null });
  const result = await formed({ people, rules, previous }, recorder);
  const stay = await formed({ people: people.map((one) => pinned(one, places)), rules, previous });
  const fresh = await formed({ people, rules });
  const groups = nameGroups(result, places, taken);
  const side = (one: FormationResult) => sideOf(one, rules.min, places);
  const here = new Set(people.map(({ id }) => id));
  const kept = new Set(groups.flatMap(({ keeps }) => keeps ?? []));
  const gone = [...places.people.keys()].filter((id) => !here.has(id));
  const changed = changedOf(people, places);
  const update = {
    joined: people.filter(({ id }) => !places.people.has(id)).length,
    left: gone.length,
    changed: changed.length,
    leftIds: gone.slice(0, MOST_NAMED),
    changedFirst: changed.slice(0, MOST_NAMED),
    opened: groups.filter(({ keeps }) => keeps === null).length,
    closed: [...places.groups.keys()].filter((id) => !kept.has(id)).length,
    stay: side(stay),
    now: { ...side(result), moved: movesOf(result, places) },
    fresh: side(fresh),
  };
  // All names are settled, so none is to be made way for.
  const outcome = outcomeOf(waiting, rules, { ...result, groups }, new Set());
  await recorder.done();
  const unplaced = outcome.unplaced.map((row) => ({
    ...row,
    fromGroupId: places.people.get(row.personId)?.groupId ?? null,
  }));
  return { ...outcome, unplaced, update };
}

/** Whoever is in a group stays in question, though their place is not known any more. */
function keepPlaced(waiting: Waiting, { people: placed, groups }: PublishedPlaces): Waiting {
  const stays = waiting.unready.filter(({ personId }) => placed.has(personId));
  const back = stays.map(({ person }) => {
    const group = groups.get(placed.get(person.id)?.groupId ?? '');
    return person.track === '' ? { ...person, track: group?.track ?? '' } : person;
  });
  return {
    ...waiting,
    people: [...waiting.people, ...back],
    unready: waiting.unready.filter((one) => !stays.includes(one)),
  };
}

function placementOf({ id }: FormationPerson, { people, groups }: PublishedPlaces): CurrentPlacement[] {
  const placed = people.get(id);
  const group = groups.get(placed?.groupId ?? '');
  if (placed === undefined || group === undefined) return [];
  return [{ id, group: placed.groupId, place: group.place, rung: group.rung, guest: placed.guest }];
}

/** Nobody who can stay moves. */
function pinned(person: FormationPerson, { people, groups }: PublishedPlaces): FormationPerson {
  const group = groups.get(people.get(person.id)?.groupId ?? '');
  return group === undefined || group.track !== person.track ? person : { ...person, pinned: true };
}

function movesOf({ groups, unplaced }: FormationResult, { people }: PublishedPlaces): number {
  const elsewhere = groups.flatMap(({ name, memberIds }) =>
    memberIds.filter((id) => people.has(id) && people.get(id)?.groupId !== name),
  );
  return elsewhere.length + unplaced.filter(({ id }) => people.has(id)).length;
}

/** The engine knew groups by id: kept ones get their name again, new ones one that nobody has. */
function nameGroups(
  result: FormationResult,
  { people, groups }: PublishedPlaces,
  taken: ReadonlySet<string>,
) {
  const reasons = new Map(result.placements.map(({ id, reason }) => [id, reason]));
  const used = new Set(taken);
  return result.groups.map((group): Named => {
    const known = groups.get(group.name);
    const keeps = known === undefined ? null : group.name;
    const arrivals = group.memberIds.flatMap((personId): Arrival[] => {
      const fromGroupId = people.get(personId)?.groupId ?? null;
      if (fromGroupId === group.name) return [];
      const reason = reasons.get(personId) ?? '';
      return [{ personId, fromGroupId, reason: reason === '' ? 'changed' : reason }];
    });
    return { ...group, name: known?.name ?? freeName(group.name, used), keeps, arrivals };
  });
}

function freeName(name: string, used: Set<string>): string {
  const [, stem = name, number = '1'] = /^(.*\D)(\d+)$/.exec(name) ?? [];
  let free = name;
  for (let next = Number(number); used.has(fold(free)); next += 1) free = `${stem}${next}`;
  used.add(fold(free));
  return free;
}
