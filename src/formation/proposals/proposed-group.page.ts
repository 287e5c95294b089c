import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { slotsIn } from './slots.ts';
import { formedRunOf, type Proposal, type ProposalStore } from './proposals.store.ts';
import { isSameCompany } from './proposed.store.ts';
import type { RecordStore } from './records.store.ts';
import type { Statement } from '../engine/explanation.ts';
import { type WhySentence, whySentences } from './sentences.ts';

type Deps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly records: RecordStore;
};

/** The model of a proposed group's page: who is in it, and for each of them why. @throws NotFound */
export async function proposedGroup(
  { course, proposals, records }: Deps,
  scope: CourseScope,
  locale: string,
  proposal: Proposal,
  ordinal: number,
): Promise<object> {
  if (!Number.isSafeInteger(ordinal) || ordinal < 0) throw new NotFound();
  const [group] = await proposals.groups(scope, proposal, ordinal - 1, 1);
  if (group?.ordinal !== ordinal) throw new NotFound();
  const asFormed = await isAsFormed(proposals, scope, proposal, group.memberIds);
  const statements = await records.statementsOf(scope, proposal.id, group.memberIds);
  const partnerOf = (personId: string): string | null => {
    const swap = statements.get(personId)?.find(({ code, params }) => code === 'swap' && 'person' in params);
    return typeof swap?.params['person'] === 'string' ? swap.params['person'] : null;
  };
  const partners = group.memberIds.flatMap((id) => partnerOf(id) ?? []);
  const [people, found] = await Promise.all([
    course.enrolments.findMany(scope, [...group.memberIds, ...partners]),
    proposals.groupsWhere(scope, proposal, ofPeople(partners), -1, partners.length + 1),
  ]);
  const names = new Map(people.map((person) => [person.personId, displayName(person)]));
  const members = group.memberIds.map((personId) => {
    const partner = partnerOf(personId);
    const moved = proposal.board.moved.includes(personId);
    const at = found.find(({ memberIds }) => partner !== null && memberIds.includes(partner));
    return {
      personId,
      name: names.get(personId) ?? '–',
      guest: group.guestIds.includes(personId),
      moved,
      sentences: whySentences(
        statements
          .get(personId)
          ?.filter(({ code }) => !SHARED.has(code) && (asFormed || (!moved && OWN.has(code)))) ?? [],
        'staff',
        {
          person: partner === null ? null : (names.get(partner) ?? null),
          group: at?.name ?? null,
        },
      ).map((one) => ({ ...one, slots: [] })),
    };
  });
  const { name, track, place, rung, facts } = group;
  // As the group is now: by hand it may have changed since the run.
  const times = facts.slots === null ? [] : [slotsIn(facts.slots, locale)];
  const sizes = proposal.edits > 0 ? [] : sizeOf(group.memberIds.flatMap((id) => statements.get(id) ?? []));
  return {
    ...{ proposal, name, track, place, rung },
    shared: [
      ...sizes.map((one) => ({ ...one, slots: [] })),
      { ...leadsOf(facts.leads), slots: [] },
      ...times.map((slots) => ({ ...timesOf(slots.length), slots })),
    ],
    members: members.toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** What holds of somebody whoever is in the group with them. */
const OWN: ReadonlySet<string> = new Set(['place_too_few', 'place_others', 'local', 'guest']);

/** Whether a group is made of those whom the run put together: what it said of them is then still so. */
async function isAsFormed(
  proposals: ProposalStore,
  scope: CourseScope,
  proposal: Proposal,
  memberIds: readonly string[],
): Promise<boolean> {
  if (proposal.edits === 0) return true;
  const run = formedRunOf(proposal);
  const [first] = memberIds;
  if (run === null || first === undefined) return false;
  const was = await proposals.groupWith(scope, { id: proposal.id, run, edits: 0 }, first);
  return was !== null && isSameCompany(was.memberIds, memberIds);
}

/** What is the same for all of a group stands above its members. */
const SHARED: ReadonlySet<string> = new Set([
  ...['size_ideal', 'size_even', 'size_locals', 'size_kept', 'leads', 'slots', 'slots_short'],
  ...['place_group', 'languages'],
]);
const OF_THE_RUN: ReadonlySet<string> = new Set(
  [...SHARED].filter((code) => !['leads', 'slots', 'slots_short'].includes(code)),
);

/** Why the group is where it is and of its size, as the run says it of any member. */
function sizeOf(statements: readonly Statement[]): WhySentence[] {
  const once = new Map(
    statements.filter(({ code }) => OF_THE_RUN.has(code)).map((statement) => [statement.code, statement]),
  );
  return whySentences([...once.values()], 'staff', { person: null, group: null });
}

function leadsOf(count: number): WhySentence {
  const key = `formation:why_staff.${count === 0 ? 'leads_none' : 'leads'}`;
  return { key, params: { count }, times: [], terms: [] };
}

function timesOf(count: number): WhySentence {
  const key = `formation:why_staff.${count === 0 ? 'slots_none' : count < 2 ? 'slots_short' : 'slots'}`;
  return { key, params: {}, times: [], terms: [] };
}

function ofPeople(personIds: readonly string[]) {
  // No group has this name: members alone decide.
  return { concern: null, track: null, smallest: 0, found: { text: /^$/, personIds } };
}
