import type { CourseStores } from '../../course/room.ts';
import type { PublishedWhy, RecordStore } from '../../formation/proposals/records.store.ts';
import type { Visit } from '../../web/routing.ts';
import type { Group, GroupStore } from './groups.store.ts';
import { type Sentence, whyForMember } from './why.ts';

export type WhyDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly records: RecordStore;
};
export type WhyModel = {
  readonly group: Group;
  readonly why: Sentence;
  /** What formation weighed; empty where it did not put this person into this group. */
  readonly sentences: PublishedWhy['sentences'];
};

/**
 * "Why this group?" in full: what formation weighed for this person, of their own facts alone. Null for who is in none. A page
 * of its own, so that the group's page stays light.
 */
export async function whyModel({ course, groups, records }: WhyDeps, visit: Visit): Promise<WhyModel | null> {
  const { scope, personId, locale } = visit;
  const { groupsVersion: version } = await course.courses.select(scope);
  const membership = await groups.membershipOf(scope, version, personId);
  if (membership === null) return null;
  const [group, profile, published] = await Promise.all([
    groups.select(scope, version, membership.groupId),
    course.profiles.find(scope, personId),
    records.publishedWhy(scope, personId, locale),
  ]);
  // Who was moved since is where they are for another reason.
  const formed = published?.group === group.name;
  return {
    group,
    why: whyForMember(group, { guest: membership.guest, profile }),
    sentences: formed ? published.sentences : [],
  };
}
