import type { BoardState, Proposal, UnplacedRow } from '../proposals/proposals.store.ts';
import type { Edit, NewEdit, Step } from './edits.store.ts';
import { figuresNow } from './figures.ts';

const TAKEN_OUT = 'taken_out';

/** An edit that does nothing yet. */
export function blank(proposal: Proposal, by: string, kind: Edit['kind']) {
  const rows = { groups: [], out: [], placed: [] };
  const { id: proposalId, edits } = proposal;
  const none = { of: null, lock: null, jobId: null, steps: [], people: 0, effects: [] };
  return { ...none, proposalId, seq: edits + 1, kind, by, before: rows, after: rows };
}

/** The state of the board when a new edit holds: what was undone cannot be done again any more. */
export function after({ edits }: Proposal, board: BoardState): BoardState {
  return { ...board, done: [...board.done, edits + 1], undone: [] };
}

/** That others changed what is to be decided about; there is no wish to weigh. */
export function changedBy(proposal: Proposal, edits: readonly Edit[]) {
  const was = figuresNow(proposal);
  const wish = { steps: [], effects: [], breaks: [], was, next: was };
  return { what: 'changed' as const, seen: proposal.edits, edits, ...wish };
}

/** The edit the other way round; of the undone, once more. */
export function turned(proposal: Proposal, edit: Edit, by: string, kind: 'undo' | 'redo'): NewEdit {
  const { done, undone } = proposal.board;
  const { seq, effects, steps, people, lock } = edit;
  const was = figuresNow(proposal);
  if (kind === 'redo') {
    const board = { ...edit.next.board, done: [...done, seq], undone: undone.slice(0, -1) };
    const { before, after: rows } = edit;
    const next = { ...edit.next, board };
    return {
      ...blank(proposal, by, kind),
      of: seq,
      steps,
      people,
      effects,
      lock,
      before,
      after: rows,
      was,
      next,
    };
  }
  const board = {
    ...edit.was.board,
    known: was.board.known,
    done: done.slice(0, -1),
    undone: [...undone, seq],
  };
  return {
    ...blank(proposal, by, kind),
    of: seq,
    people,
    lock,
    steps: steps.map(({ personId, from, to }) => ({ personId, from: to, to: from })),
    effects: effects.map((one) => ({ ...one, before: one.after, after: one.before })),
    before: edit.after,
    after: edit.before,
    was,
    next: { ...edit.was, board },
  };
}

/** Whether an edit changed people or groups that steps are about. One that changed the run changed all. */
export function concerns({ steps, lock, was, next }: Edit, wanted: readonly Step[]): boolean {
  if (was.run !== next.run) return true;
  const people = new Set(wanted.map(({ personId }) => personId));
  const groups = new Set(wanted.flatMap(({ from, to }) => [from, to]).filter((group) => group !== null));
  if (lock !== null) return people.has(lock.personId ?? '') || groups.has(lock.ordinal ?? -1);
  return steps.some(
    ({ personId, from, to }) => people.has(personId) || groups.has(from ?? -1) || groups.has(to ?? -1),
  );
}

/** The first of the people and groups of steps that is locked. */
export function lockedBy({ lockedPeople, lockedGroups }: BoardState, steps: readonly Step[]) {
  const personId = steps.map((step) => step.personId).find((id) => lockedPeople.includes(id));
  if (personId !== undefined) return { what: 'locked' as const, personId, ordinal: null };
  const ordinal = steps.flatMap(({ from, to }) => [from, to]).find((at) => lockedGroups.includes(at ?? -1));
  return ordinal === undefined ? null : { what: 'locked' as const, personId: null, ordinal };
}

/** Somebody who was taken out of these groups, as a row of those in none. */
export function outRow(
  personId: string,
  groups: readonly { track: string; memberIds: readonly string[]; prints: readonly string[] }[],
): UnplacedRow {
  const group = groups.find(({ memberIds }) => memberIds.includes(personId));
  const print = group?.prints[group.memberIds.indexOf(personId)] ?? '';
  return { personId, reason: TAKEN_OUT, track: group?.track ?? null, print };
}

/** The list with one more, or without that one. */
export function toggled<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}
