import type { Visit } from '../web/routing.ts';

/** What a person may do in a group. */
export type Standing = {
  /** Belongs to the group, or watches over it as staff. */
  readonly sees: boolean;
  /** Plans meetups and takes the roll: Peer Lead, Deputy, Community Manager. */
  readonly leads: boolean;
  /** Appoints: the Community Manager. */
  readonly manages: boolean;
};

/** A fellow sees their own group alone; a mentor sees all and changes nothing. */
export function standingOf(
  visit: Pick<Visit, 'role' | 'personId'>,
  memberIds: readonly string[],
  officers: readonly string[],
): Standing {
  const manages = visit.role === 'manager';
  const member = visit.role === 'fellow' && memberIds.includes(visit.personId);
  return {
    sees: manages || visit.role === 'mentor' || member,
    leads: manages || (member && officers.includes(visit.personId)),
    manages,
  };
}
