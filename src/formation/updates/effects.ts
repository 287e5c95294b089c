import type { FormationPerson } from '../engine/types.ts';
import { livesIn, pathOf } from './ladder.ts';
import { commonSlots, type OpenGroup, sharesLanguage, type Sizes } from './seat.ts';

/** A rule that a change by hand breaks, or a group that it leaves worse off; a key of words. */
export type Warning =
  | 'too_large'
  | 'too_small'
  | 'other_track'
  | 'guest'
  | 'must_not'
  | 'must_split'
  | 'lead_lost'
  | 'times_lost'
  | 'language_lost';
export type Effects = {
  /** Sizes before and after, in people. */
  readonly from: { readonly before: number; readonly after: number } | null;
  readonly to: { readonly before: number; readonly after: number } | null;
  readonly guest: boolean;
  readonly warnings: readonly Warning[];
};

/**
 * What moving one person does to both groups. Of private attributes nothing is said: no warning can be read back to
 * anybody's.
 * @param from the group they leave, with them in it; null where they are in none
 * @param to the group they join; null where they are taken out
 */
export function effectsOf(
  person: FormationPerson,
  from: OpenGroup | null,
  to: OpenGroup | null,
  sizes: Sizes,
): Effects {
  const rest = from === null ? [] : from.people.filter(({ id }) => id !== person.id);
  const guest = to !== null && !isLocal(person, to);
  const warnings: Warning[] = [];
  const warn = (is: boolean, warning: Warning): void => {
    if (is) warnings.push(warning);
  };
  if (to !== null) {
    const after = [...to.people, person];
    warn(after.length + to.promised > sizes.max, 'too_large');
    warn(to.track !== person.track, 'other_track');
    warn(guest, 'guest');
    warn(
      after.some((one) => areFoes(one, person)),
      'must_not',
    );
    warn(commonSlots(to.people) >= 2 && commonSlots(after) < 2, 'times_lost');
    warn(sharesLanguage(to.people) && !sharesLanguage(after), 'language_lost');
  }
  warn(from !== null && rest.length > 0 && rest.length < sizes.min, 'too_small');
  warn(
    rest.some((one) => areBound(one, person)),
    'must_split',
  );
  warn(rest.length > 0 && person.canLead && !rest.some(({ canLead }) => canLead), 'lead_lost');
  return {
    from: from === null ? null : { before: from.people.length, after: rest.length },
    to: to === null ? null : { before: to.people.length, after: to.people.length + 1 },
    guest,
    warnings,
  };
}

function isLocal(person: FormationPerson, group: OpenGroup): boolean {
  const locals = group.people.filter(({ id }) => !group.guestIds.has(id));
  return livesIn(person.place, pathOf(group, locals), group.rung);
}

function areFoes(a: FormationPerson, b: FormationPerson): boolean {
  return a.mustNotWith.includes(b.id) || b.mustNotWith.includes(a.id);
}

function areBound(a: FormationPerson, b: FormationPerson): boolean {
  return a.mustWith.includes(b.id) || b.mustWith.includes(a.id);
}
