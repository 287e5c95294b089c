import { Conflict, NotFound, Unavailable } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import type { Proposal, ProposalStore, UnplacedRow } from '../proposals/proposals.store.ts';
import type { Edit, EditStore, NewEdit, Step } from './edits.store.ts';
import { after, blank, changedBy, concerns, lockedBy, outRow, toggled, turned } from './edit.ts';
import { figuresAfter, figuresNow } from './figures.ts';
import { judge, type Judged, rowsAround, sumsAround } from './judge.ts';
import type { Tables } from './tables.store.ts';

/** What somebody wants: each person's new group by its number, or none. */
export type Wish = readonly { readonly personId: string; readonly to: number | null }[];
/** Who wants it, what they had seen (the number of the last edit), and whether they said yes to breaking rules. */
export type Asking = { readonly by: string; readonly seen: number; readonly confirmed: boolean };
export type Lock = { readonly personId: string | null; readonly ordinal: number | null };
/** The figures of the proposal as they are, and as they would be. */
type Figures = Pick<Edit, 'was' | 'next'>;
export type Outcome =
  | { readonly what: 'done'; readonly seq: number }
  /** Nothing to do: it is so already. */
  | { readonly what: 'same' }
  /** It breaks rules, and nobody has said yes to that. */
  | ({ readonly what: 'breaks'; readonly seen: number; readonly steps: readonly Step[] } & Judged & Figures)
  /** The groups are not as they were when they were looked at: by these edits. */
  | ({
      readonly what: 'changed';
      readonly seen: number;
      readonly steps: readonly Step[];
      readonly edits: readonly Edit[];
    } & Judged &
      Figures)
  /** A person or a group is locked. */
  | { readonly what: 'locked'; readonly personId: string | null; readonly ordinal: number | null };

export type EditorDeps = {
  readonly proposals: ProposalStore;
  readonly edits: EditStore;
  readonly tables: Tables;
};
/** Each round somebody else was quicker. */
const MOST_ROUNDS = 20;

/** Edits of a proposal's groups by hand: nobody writes over what they have not seen, and each can be undone. */
export function createEditor({ proposals, edits, tables }: EditorDeps) {
  /** @throws Conflict where the proposal is not open any more */
  const selectOpen = async (scope: CourseScope, id: string): Promise<Proposal> => {
    const proposal = await proposals.select(scope, id);
    if (proposal.state !== 'open') throw new Conflict('board_closed');
    return proposal;
  };
  /** Tries until it stands, or something is in the way. */
  const untilDone = async (
    scope: CourseScope,
    id: string,
    attempt: (proposal: Proposal) => Promise<NewEdit | Exclude<Outcome, { what: 'done' }>>,
  ): Promise<Outcome> => {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const edit = await attempt(await selectOpen(scope, id));
      if ('what' in edit) return edit;
      if (await edits.add(scope, edit)) return { what: 'done', seq: edit.seq };
    }
    throw new Unavailable();
  };

  /** Where people are now. @throws NotFound where somebody, or a group, is not in the proposal */
  async function stepsOf(scope: CourseScope, proposal: Proposal, wish: Wish) {
    const tracks: string[] = [];
    const out: UnplacedRow[] = [];
    const steps: Step[] = [];
    for (const { personId, to } of wish) {
      const group = await proposals.groupWith(scope, proposal, personId);
      const target = to === null ? null : await proposals.findGroup(scope, proposal, to);
      const [row] = group === null ? await proposals.unplacedAmong(scope, proposal, [personId]) : [];
      if ((group === null && row === undefined) || (to !== null && target === null)) throw new NotFound();
      if (row !== undefined) out.push(row);
      for (const track of [group?.track, target?.track, row?.track]) if (track != null) tracks.push(track);
      steps.push({ personId, from: group?.ordinal ?? null, to });
    }
    const table = await tables.lay(
      scope,
      proposal,
      tracks,
      wish.map(({ personId }) => personId),
    );
    return { table, out, steps: steps.filter(({ from, to }) => from !== to) };
  }

  return {
    /** What a wish would do to the groups, without doing it. */
    async preview(scope: CourseScope, proposal: Proposal, wish: Wish): Promise<Judged> {
      const { table, steps } = await stepsOf(scope, proposal, wish);
      return judge(table, steps);
    },
    /** Moves or swaps people. */
    move(scope: CourseScope, id: string, asking: Asking, wish: Wish): Promise<Outcome> {
      return untilDone(scope, id, async (proposal) => {
        const { table, steps, out } = await stepsOf(scope, proposal, wish);
        if (steps.length === 0) return { what: 'same' };
        const locked = lockedBy(proposal.board, steps);
        if (locked !== null) return locked;
        const judged = judge(table, steps);
        const since = (await edits.between(scope, id, asking.seen, proposal.edits)).filter((edit) =>
          concerns(edit, steps),
        );
        const seen = proposal.edits;
        const known = proposal.board.known ?? (await tables.countKnown(scope, proposal));
        const rows = rowsAround(table, steps, new Map(out.map(({ personId, print }) => [personId, print])));
        const was = figuresNow(proposal);
        const next = figuresAfter(was, rows, sumsAround(table, steps), known);
        const told = { seen, steps, was, next, ...judged };
        if (since.length > 0) return { what: 'changed', edits: since, ...told };
        if (judged.breaks.length > 0 && !asking.confirmed) return { what: 'breaks', ...told };
        const moved = [...new Set([...was.board.moved, ...steps.map(({ personId }) => personId)])];
        const taken = steps.flatMap(({ personId, from, to }) =>
          from === null || to !== null ? [] : [outRow(personId, rows.before)],
        );
        const came = out.map(({ personId }) => personId);
        return {
          ...blank(proposal, asking.by, steps.length > 1 ? 'swap' : 'move'),
          steps: [...steps],
          people: steps.length,
          effects: [...judged.effects],
          before: { groups: rows.before, out, placed: taken.map(({ personId }) => personId) },
          after: { groups: rows.after, out: taken, placed: came },
          was,
          next: { ...next, board: { ...after(proposal, next.board), moved } },
        };
      });
    },
    lock(scope: CourseScope, id: string, by: string, lock: Lock, on: boolean): Promise<Outcome> {
      return untilDone(scope, id, (proposal) => {
        const { lockedPeople: people, lockedGroups: groups } = proposal.board;
        const is =
          lock.ordinal === null ? people.includes(lock.personId ?? '') : groups.includes(lock.ordinal);
        if (is === on) return Promise.resolve({ what: 'same' as const });
        const lockedPeople = lock.personId === null ? people : toggled(people, lock.personId);
        const lockedGroups = lock.ordinal === null ? groups : toggled(groups, lock.ordinal);
        const was = figuresNow(proposal);
        const board = { ...after(proposal, was.board), lockedPeople, lockedGroups };
        const next = { ...was, board };
        return Promise.resolve({ ...blank(proposal, by, on ? 'lock' : 'unlock'), lock, was, next });
      });
    },
    /** Undoes the last edit that holds, or does the last undone again, if that is still edit `of`. */
    turn(scope: CourseScope, id: string, by: string, of: number, kind: 'undo' | 'redo'): Promise<Outcome> {
      return untilDone(scope, id, async (proposal) => {
        const { done, undone } = proposal.board;
        const last = (kind === 'undo' ? done : undone).at(-1);
        const edit = last === of ? await edits.find(scope, id, of) : null;
        if (edit === null) {
          const since = await edits.between(scope, id, of, proposal.edits);
          return changedBy(proposal, since);
        }
        return turned(proposal, edit, by, kind);
      });
    },
  };
}
export type Editor = ReturnType<typeof createEditor>;
