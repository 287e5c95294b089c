import { Conflict } from '../../errors.ts';
import { field } from '../../web/routing.ts';
import type { Proposal } from '../proposals/proposals.store.ts';
import type { BoardAsked } from './board.page.ts';

export const BOARD = '/groups/proposals/:proposalId/board';

/** Whether people can be moved in it: an update says of everybody who moves why, and a hand would make that untrue. */
export function hasBoard({ state, update }: Proposal): boolean {
  return state === 'open' && (update ?? null) === null;
}

/** @throws Conflict where nobody can be moved in it */
export function checkBoard(proposal: Proposal): void {
  if (hasBoard(proposal)) return;
  throw new Conflict(proposal.state === 'open' ? 'board_update' : 'board_closed');
}

/** Which part of the board words ask for. */
export function askedOf(words: unknown, search: string): BoardAsked {
  return {
    search,
    track: field(words, 'track').slice(0, 200),
    place: field(words, 'place').slice(0, 60),
    after: numberOf(words, 'after') ?? -1,
  };
}

/** A whole number of a form or an address; undefined where there is none. */
export function numberOf(words: unknown, name: string): number | undefined {
  const text = field(words, name);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The part of the board that somebody came from, as a form brought it back: only what the board knows. */
export function backTo(back: string, more: Readonly<Record<string, string>> = {}): string {
  const asked = new URLSearchParams(back.slice(0, 500));
  const known = ['track', 'place', 'after'].flatMap((name) => {
    const value = asked.get(name) ?? '';
    return value === '' ? [] : [[name, value] as [string, string]];
  });
  return new URLSearchParams([...known, ...Object.entries(more)]).toString();
}
