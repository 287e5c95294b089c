/** What a statement says; the words are the catalogue's. */
export type StatementCode =
  /** Too few of the track there: rung, place, people, needed. */
  | 'place_too_few'
  /** Enough there, but this person is not among them, for sizes or pair rules: rung, place, people, needed. */
  | 'place_others'
  /** The group's place: rung, place, people (of the track there), needed. */
  | 'place_group'
  /** They live where the group stands. */
  | 'local'
  /** They live elsewhere; `meets` is the lowest rung that holds both places: place (their own), meets. */
  | 'guest'
  /** The size everybody wanted: size. */
  | 'size_ideal'
  /** As even as the people of this place can be divided: size, ideal, people, groups. */
  | 'size_even'
  /** Fewer groups than sizes would like, because each needs people of its own place: size, ideal, people, groups. */
  | 'size_locals'
  /** Uneven, because pair rules or an earlier group say so: size, ideal, people, groups. */
  | 'size_kept'
  /** People in the group who can lead: count. */
  | 'leads'
  /** Slots in which all are free, 0..20, three a day from Monday morning on: slots. */
  | 'slots'
  /** Fewer than two such slots: slots. */
  | 'slots_short'
  /** Languages that all who state some share; empty where there is none: languages. */
  | 'languages'
  /** People of the group who were with this person in an earlier group: count. */
  | 'met_before'
  /** People they are to be with, and are: count. */
  | 'together'
  /** People they are not to be with, and are not: count. */
  | 'apart'
  /** The best of the exchanges looked at, by which nothing is gained: group, worsens (terms). For staff also person. */
  | 'swap'
  /** No exchange with another group of this place is possible. */
  | 'swap_none'
  /** In an update: from (the group before, '' for none). */
  | 'move_joined'
  | 'move_dissolved'
  | 'move_borrowed'
  | 'move_pinned'
  /** In no group: reason, people (of the track), needed. */
  | 'unplaced';

export type Statement = {
  readonly code: StatementCode;
  readonly params: Readonly<Record<string, string | number | readonly string[] | readonly number[]>>;
  /** `staff` statements may tell a private attribute, or who asked to be apart; no fellow sees them. */
  readonly audience: 'all' | 'staff';
};

/** Why somebody is where they are. */
export type Explanation = { readonly id: string; readonly statements: readonly Statement[] };

export function say(code: StatementCode, params: Statement['params'] = {}): Statement {
  return { code, params, audience: 'all' };
}

export function sayToStaff(code: StatementCode, params: Statement['params'] = {}): Statement {
  return { code, params, audience: 'staff' };
}
