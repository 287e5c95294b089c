import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { NewProposedGroup, Proposal, ProposalStore } from '../proposals/proposals.store.ts';
import { namesNobody, shownTerms } from '../proposals/terms.ts';
import type { Edit, EditStore } from './edits.store.ts';
import { changesOf } from './judge.ts';

export type BoardPageDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly edits: EditStore;
};
/** Which groups the board shows; '' for all. A search goes with a form, never in an address. */
export type BoardAsked = {
  readonly track: string;
  readonly place: string;
  readonly search: string;
  readonly after: number;
};

const GROUPS_A_PAGE = 12;
const UNPLACED_SHOWN = 20;
const MOST_FOUND = 200;
const NOTHING = 1e-9;

/** What Community Managers see of the board. */
export function createBoardPages({ course, proposals, edits }: BoardPageDeps) {
  const namesOf = async (scope: CourseScope, ids: readonly string[]): Promise<Map<string, string>> => {
    const people = ids.length === 0 ? [] : await course.enrolments.findMany(scope, ids);
    return new Map(people.map((person) => [person.personId, displayName(person)]));
  };

  async function filterOf(scope: CourseScope, { track, place, search }: BoardAsked) {
    if (search === '') return { track, place, found: null };
    const filter = { state: 'active', role: 'fellow', search } as const;
    const people = await course.enrolments.list(scope, filter, null, MOST_FOUND);
    return { track, place, found: { text: search, personIds: people.map(({ personId }) => personId) } };
  }

  /** Edits in words: who did what to whom. */
  async function told(scope: CourseScope, proposal: Proposal, list: readonly Edit[]) {
    const people = list.flatMap(({ by, steps, lock }) => [
      by,
      ...steps.map(({ personId }) => personId),
      ...(lock?.personId == null ? [] : [lock.personId]),
    ]);
    const names = await namesOf(scope, [...new Set(people)]);
    const name = (id: string | null | undefined): string => names.get(id ?? '') ?? '–';
    const groups = new Map(list.flatMap(({ effects }) => effects.map((one) => [one.ordinal, one.name])));
    const called = async (ordinal: number): Promise<string> =>
      groups.get(ordinal) ?? (await proposals.findGroup(scope, proposal, ordinal))?.name ?? '–';
    return Promise.all(
      list.map(async (edit) => ({
        seq: edit.seq,
        kind: edit.kind,
        by: name(edit.by),
        at: edit.at,
        people: edit.people,
        locked:
          edit.lock === null
            ? null
            : edit.lock.ordinal === null
              ? name(edit.lock.personId)
              : await called(edit.lock.ordinal),
        steps: edit.steps.map(({ personId, from, to }) => ({
          who: name(personId),
          from: from === null ? null : (groups.get(from) ?? '–'),
          to: to === null ? null : (groups.get(to) ?? '–'),
        })),
        groups: groupsShown(edit),
        terms: termsShown(edit),
      })),
    );
  }

  return {
    namesOf,
    told,
    /** The model of the board. `did` is the edit to tell of; 0 for none. */
    async board(scope: CourseScope, proposal: Proposal, asked: BoardAsked, did: number): Promise<object> {
      const filter = await filterOf(scope, asked);
      const [rows, total, tracks, unplaced] = await Promise.all([
        proposals.boardPage(scope, proposal, filter, asked.after, GROUPS_A_PAGE + 1),
        proposals.countGroups(scope, proposal, filter),
        proposals.tracks(scope, proposal),
        proposals.unplacedOf(
          scope,
          proposal,
          asked.track === '' ? null : asked.track,
          '',
          UNPLACED_SHOWN + 1,
        ),
      ]);
      const shown = rows.slice(0, GROUPS_A_PAGE);
      const left = unplaced.slice(0, UNPLACED_SHOWN);
      const { board } = proposal;
      const wanted = [did, board.done.at(-1) ?? 0, board.undone.at(-1) ?? 0];
      const found = await Promise.all(
        wanted.map((seq) =>
          seq > 0 && seq <= proposal.edits ? edits.find(scope, proposal.id, seq) : Promise.resolve(null),
        ),
      );
      const [said, undo, redo] = await Promise.all(
        found.map(async (edit) =>
          edit === null ? null : ((await told(scope, proposal, [edit]))[0] ?? null),
        ),
      );
      const ids = [...shown.flatMap(({ memberIds }) => memberIds), ...left.map(({ personId }) => personId)];
      const names = await namesOf(scope, ids);
      return {
        proposal,
        asked,
        tracks,
        total,
        said,
        undo,
        redo,
        seen: proposal.edits,
        locks: board.lockedPeople.length + board.lockedGroups.length,
        groups: shown.map((group) => groupOf(group, names, proposal)),
        unplaced: left.map(({ personId, track, reason }) => ({
          ...{ personId, track, reason, name: names.get(personId) ?? '–' },
        })),
        moreUnplaced: unplaced.length > UNPLACED_SHOWN,
        next: rows.length > GROUPS_A_PAGE ? (shown.at(-1)?.ordinal ?? null) : null,
        first: asked.after < 0,
      };
    },
  };
}
export type BoardPages = ReturnType<typeof createBoardPages>;

/** A group as the board shows it. What is private stays in counts: nothing here tells a member's gender. */
export function groupOf(
  group: NewProposedGroup,
  names: ReadonlyMap<string, string>,
  { board, rules }: Proposal,
) {
  const { ordinal, name, track, place, rung, memberIds, guestIds, facts } = group;
  const size = memberIds.length;
  return {
    ...{ ordinal, name, track, place, rung, size, leads: facts.leads },
    slots: facts.slots === null ? null : facts.slots.replaceAll('0', '').length,
    small: size < rules.min,
    large: size > rules.max,
    locked: board.lockedGroups.includes(ordinal),
    members: memberIds
      .map((personId) => ({
        personId,
        name: names.get(personId) ?? '–',
        guest: guestIds.includes(personId),
        locked: board.lockedPeople.includes(personId),
        moved: board.moved.includes(personId),
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** What changed in the groups that an edit concerned, group by group. */
export function groupsShown({ effects }: Pick<Edit, 'effects'>) {
  return effects.map((effect) => ({
    name: effect.name,
    changes: changesOf(effect).map((figure) => ({
      figure,
      before: effect.before[figure],
      after: effect.after[figure],
    })),
  }));
}

/** What changed in the course, term by term: but for what would tell somebody's gender. */
export function termsShown({ was, next }: Readonly<Record<'was' | 'next', Pick<Proposal, 'terms'>>>) {
  const before = new Map(was.terms.map((term) => [term.name, term.value]));
  return shownTerms(next.terms.filter(namesNobody)).flatMap(({ name, measure, value }) => {
    const earlier = before.get(name) ?? value;
    return Math.abs(value - earlier) < NOTHING ? [] : [{ name, measure, before: earlier, after: value }];
  });
}
