import { fold } from '../../course/fold.ts';
import type { FormationPerson, FormationResult, FormationRules, FormedGroup, Rung } from '../engine/types.ts';
import { type Crowds, countCrowds } from './crowds.ts';
import type { Waiting } from './people.store.ts';
import type { Outcome } from './proposals.store.ts';
import { printOf, snapshotOf } from './snapshot.ts';

/**
 * A run's result as a proposal keeps it: groups by track and name, each with the numbers that say why it is where it
 * is, and everybody who has no place.
 * @param taken folded names that published groups have: a new group gets another
 */
export function outcomeOf(
  waiting: Waiting,
  rules: FormationRules,
  result: FormationResult,
  taken: ReadonlySet<string>,
): Outcome {
  const { people, unready, leadUnknown } = waiting;
  const byId = new Map([...people, ...unready.map(({ person }) => person)].map((one) => [one.id, one]));
  const prints = new Map([...byId].map(([id, person]) => [id, printOf(person)]));
  const crowds = countCrowds(people);
  const names = newNames(taken);
  const byRung: Record<string, number> = {};
  const bySize: Record<string, number> = {};
  const sorted = result.groups.toSorted((a, b) => byText(a.track, b.track) || byText(a.name, b.name));
  const groups = sorted.map((group, ordinal) => {
    const size = group.memberIds.length;
    byRung[group.rung] = (byRung[group.rung] ?? 0) + size;
    bySize[size] = (bySize[size] ?? 0) + 1;
    const members = group.memberIds.flatMap((id) => byId.get(id) ?? []);
    const name = names(group.name);
    return {
      ...group,
      ordinal,
      name,
      nameFolded: fold(name),
      memberIds: [...group.memberIds],
      guestIds: [...group.guestIds],
      prints: group.memberIds.map((id) => prints.get(id) ?? ''),
      why: { needed: rules.min, ...crowdsAround(crowds, group, members) },
      facts: { leads: members.filter(({ canLead }) => canLead).length, slots: commonSlots(members) },
    };
  });
  // Where groups are published, the track has people: what is too few are those who wait.
  const told = (reason: string): string =>
    reason === 'too_few_in_track' && taken.size > 0 ? 'too_few_waiting' : reason;
  const left = [
    ...unready,
    ...result.unplaced.map(({ id, reason }) => ({ personId: id, reason: told(reason) })),
  ];
  const unplaced = left.map(({ personId, reason }) => {
    const track = byId.get(personId)?.track ?? '';
    return { personId, reason, track: track === '' ? null : track, print: prints.get(personId) ?? '' };
  });
  return {
    groups,
    unplaced,
    byRung,
    bySize,
    leadUnknown,
    people: byId.size,
    terms: result.terms,
    known: {
      skill: countKnown('skill', groups, byId),
      activity: countKnown('activity', groups, byId),
    },
    snapshot: snapshotOf(prints),
  };
}

/** How many people in groups have a value. */
function countKnown(
  what: 'skill' | 'activity',
  groups: readonly { memberIds: readonly string[] }[],
  byId: ReadonlyMap<string, FormationPerson>,
): number {
  const has = (id: string): boolean => (byId.get(id)?.[what] ?? null) !== null;
  return groups.reduce((sum, { memberIds }) => sum + memberIds.filter(has).length, 0);
}

/** As people count: group 2 stands before group 10. */
const byText = new Intl.Collator('en', { numeric: true }).compare;

/** A rung's next lower one, whose crowd decides whether a group could stand there. */
const LOWER: Readonly<Record<Rung, Rung | null>> = {
  lga: null,
  state: 'lga',
  zone: 'state',
  country: 'zone',
};

function crowdsAround(crowds: Crowds, group: FormedGroup, members: readonly FormationPerson[]) {
  const locals = members.filter(({ id }) => !group.guestIds.includes(id));
  const [local] = locals;
  const here = local === undefined ? members.length : crowds.at(local, group.rung);
  const rung = LOWER[group.rung];
  if (rung === null) return { here, lower: [] };
  const lower = new Map(
    locals.flatMap((person) => {
      const name = person.place[rung];
      return name === null ? [] : [[name, crowds.at(person, rung)] as const];
    }),
  );
  return { here, lower: [...lower].map(([name, count]) => ({ name, count })) };
}

/** Slots free for all who said when they are free; null where nobody did. */
export function commonSlots(members: readonly FormationPerson[]): string | null {
  const said = members.flatMap(({ availability }) => availability ?? []);
  const [first] = said;
  if (first === undefined) return null;
  const free = (slot: number): boolean => said.every((one) => one[slot] === '1');
  return Array.from(first, (_, slot) => (free(slot) ? '1' : '0')).join('');
}

/** Keeps names apart from those that are taken, by the next free number. */
function newNames(taken: ReadonlySet<string>): (name: string) => string {
  const used = new Set(taken);
  return (name) => {
    const [, stem = name, number = '1'] = /^(.*\D)(\d+)$/.exec(name) ?? [];
    let free = name;
    for (let next = Number(number); used.has(fold(free)); next += 1) free = `${stem}${next}`;
    used.add(fold(free));
    return free;
  };
}
