import { NotFound } from '../../errors.ts';
import { fold } from '../../course/fold.ts';
import type { CourseScope } from '../../scope.ts';
import type { NewProposedGroup, Proposal } from '../proposals/proposals.store.ts';
import { type BoardPageDeps, type BoardPages, groupOf, groupsShown } from './board.page.ts';
import { judge, type Judged } from './judge.ts';
import type { Step } from './edits.store.ts';
import type { Tables } from './tables.store.ts';

const SUGGESTED = 8;
const FOUND = 20;
const NOBODY = new Map<string, string>();

export type MovePageDeps = BoardPageDeps & { readonly pages: BoardPages; readonly tables: Tables };
type Target = ReturnType<typeof groupOf> & {
  readonly near: boolean;
  readonly breaks: Judged['breaks'];
  readonly changes: readonly { figure: string; before: number; after: number }[];
};

/** Where somebody can go, and what each way would do. */
export function createMovePages({ proposals, pages, tables }: MovePageDeps) {
  /** @throws NotFound where this person is not in the proposal */
  async function whereIs(scope: CourseScope, proposal: Proposal, personId: string) {
    const group = await proposals.groupWith(scope, proposal, personId);
    const [row] = group === null ? await proposals.unplacedAmong(scope, proposal, [personId]) : [];
    if (group === null && row === undefined) throw new NotFound();
    return { group, row, track: group?.track ?? row?.track ?? '' };
  }

  return {
    /** The model of "Move to group": sensible groups first, or those that a search by name finds. */
    async move(scope: CourseScope, proposal: Proposal, personId: string, search: string): Promise<object> {
      const { group, row, track } = await whereIs(scope, proposal, personId);
      const found =
        search === ''
          ? []
          : await proposals.boardPage(
              scope,
              proposal,
              { track: '', place: '', found: { text: search, personIds: [] } },
              -1,
              FOUND,
            );
      const tracks = [track, ...found.map((one) => one.track)];
      const table = await tables.lay(scope, proposal, tracks, [personId]);
      const from = group?.ordinal ?? null;
      const others = search === '' ? sensible(proposal, table.groups, group, track) : found;
      const targets = others
        .filter(({ ordinal }) => ordinal !== from)
        .map((target): Target => {
          const step: Step = { personId, from, to: target.ordinal };
          const { effects, breaks } = judge(table, [step]);
          const changes = sumChanges(effects);
          return { ...groupOf(target, NOBODY, proposal), near: isNear(target, group), breaks, changes };
        });
      const partners = group === null ? [] : swapPartners(targets, others);
      const names = await pages.namesOf(scope, [personId, ...partners.map((one) => one.personId)]);
      return {
        proposal,
        personId,
        search,
        seen: proposal.edits,
        name: names.get(personId) ?? '–',
        group: group === null ? null : groupOf(group, NOBODY, proposal),
        reason: row?.reason ?? null,
        locked:
          proposal.board.lockedPeople.includes(personId) || proposal.board.lockedGroups.includes(from ?? -1),
        targets: search === '' ? sorted(targets).slice(0, SUGGESTED) : targets,
        partners: partners.map((one) => ({ ...one, name: names.get(one.personId) ?? '–' })),
      };
    },
  };
}

/** Members of the nearest groups, to change places with. */
function swapPartners(targets: readonly Target[], groups: readonly NewProposedGroup[]) {
  const shown = new Set(
    sorted(targets)
      .slice(0, SUGGESTED)
      .map(({ ordinal }) => ordinal),
  );
  return groups
    .filter(({ ordinal }) => shown.has(ordinal))
    .flatMap(({ name, memberIds }) => memberIds.map((personId) => ({ personId, group: name })));
}

/** Groups of the track that are worth a look: of the same place first, then as full as they may be. */
function sensible(
  { rules, board }: Proposal,
  groups: readonly NewProposedGroup[],
  from: NewProposedGroup | null,
  track: string,
): NewProposedGroup[] {
  return groups
    .filter((group) => group.track === track && !board.lockedGroups.includes(group.ordinal))
    .filter(({ ordinal }) => ordinal !== from?.ordinal)
    .toSorted(
      (a, b) =>
        Number(isNear(b, from)) - Number(isNear(a, from)) ||
        Number(a.memberIds.length >= rules.max) - Number(b.memberIds.length >= rules.max) ||
        a.memberIds.length - b.memberIds.length ||
        a.ordinal - b.ordinal,
    )
    .slice(0, 3 * SUGGESTED);
}

function sorted(targets: readonly Target[]): Target[] {
  return targets.toSorted(
    (a, b) =>
      a.breaks.length - b.breaks.length ||
      Number(b.near) - Number(a.near) ||
      worse(a) - worse(b) ||
      a.size - b.size,
  );
}

/** How much the rules lose by a move, roughly: to order by, not to show. */
function worse({ changes }: Target): number {
  return changes.reduce(
    (sum, { figure, before, after }) => (figure === 'size' ? sum : sum + after - before),
    0,
  );
}

function isNear(group: NewProposedGroup, from: NewProposedGroup | null): boolean {
  return from !== null && group.rung === from.rung && fold(group.place) === fold(from.place);
}

/** Both groups in one: how often they break each rule, before and after. */
function sumChanges(effects: Judged['effects']) {
  const sums = new Map<string, { before: number; after: number }>();
  for (const { changes } of groupsShown({ effects: [...effects] })) {
    for (const { figure, before, after } of changes) {
      if (figure === 'size') continue;
      const sum = sums.get(figure) ?? { before: 0, after: 0 };
      sums.set(figure, { before: sum.before + before, after: sum.after + after });
    }
  }
  return [...sums]
    .map(([figure, sum]) => ({ figure, ...sum }))
    .filter(({ before, after }) => before !== after);
}
