import { missingOf } from '../../course/profiles/profile.ts';
import type { CourseStores } from '../../course/room.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { Visit } from '../../web/routing.ts';
import type { WaitingStore } from '../publish/waiting.store.ts';
import type { GroupStore } from './groups.store.ts';
import type { Sentence } from './why.ts';

export type NoGroupDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly waiting: WaitingStore;
};

/** Reasons that are over once the fellow has entered what was missing. */
const CURED: Readonly<Record<string, 'track' | 'place'>> = {
  track_unknown: 'track',
  no_track: 'track',
  place_unknown: 'place',
};

/** What a fellow without a group is told: why, and what happens next. */
export async function noGroupModel(
  { course, proposals, groups, waiting }: NoGroupDeps,
  { scope, personId }: Visit,
  version: number,
) {
  const [{ settings }, profile, reason, waits, before] = await Promise.all([
    course.courses.select(scope),
    course.profiles.find(scope, personId),
    proposals.reasonOf(scope, personId),
    waiting.reasonOf(scope, personId),
    groups.historyOf(scope, version, [personId]),
  ]);
  const missing = missingOf(profile, settings.oneTrack);
  const last = before.at(-1);
  const group = last === undefined ? null : await groups.find(scope, version, last.groupId);
  const looked = waits !== null && !UNKNOWN.includes(waits) ? waits : null;
  return {
    profile,
    missing,
    track: profile?.track ?? settings.oneTrack,
    why: looked === null ? whyNone(version, reason, missing) : whyWaits(looked, reason),
    next: looked === null ? null : `group:waiting.next_${looked}`,
    formerly: group === null || last?.until == null ? null : { name: group.name, until: last.until },
  };
}

/** Reasons of the last look that the fellow's own page says better. */
const UNKNOWN: readonly string[] = ['track_unknown', 'place_unknown'];

/** What the last look says of the course; why groups were formed without them says more of the fellow. */
const OF_THE_COURSE: readonly string[] = ['no_group_of_track', 'by_hand'];

/** Why no group of those there are has a seat for a fellow. */
function whyWaits(looked: string, reason: string | null): Sentence {
  const formed = reason !== null && CURED[reason] === undefined && OF_THE_COURSE.includes(looked);
  return { key: formed ? `group:reason.${reason}` : `group:waiting.${looked}`, params: {} };
}

function whyNone(version: number, reason: string | null, missing: readonly string[]): Sentence {
  const key = (name: string): Sentence => ({ key: `group:none.${name}`, params: {} });
  if (version === 0) return key('why_first');
  if (reason === null) return key('why_later');
  const cure = CURED[reason];
  if (cure !== undefined && !missing.includes(cure)) return key('why_known_since');
  return { key: `group:reason.${reason}`, params: {} };
}
