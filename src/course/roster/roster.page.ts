import type { Jobs } from '../../jobs/index.ts';
import type { Placing } from '../../room.ts';
import type { CourseScope } from '../../scope.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import {
  displayName,
  type Enrolment,
  type EnrolmentStore,
  type ListFilter,
  type NameKey,
} from './enrolments.store.ts';
import { SYNC } from './sync.job.ts';

export type RosterPageDeps = {
  readonly jobs: Jobs;
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  /** Who has the groups; asked when a page is made, not before. */
  readonly placing: () => Placing | null;
};
/** `unknown`: fellows whose track or place is not known. `own`: who entered something themselves. */
export type RosterShow = (typeof SHOWS)[number];
export type RosterQuery = {
  readonly search: string;
  /** Null shows everyone who is in the course. */
  readonly show: RosterShow | null;
  /** The last person of the page before: an id and no name, for addresses are kept in histories and logs. */
  readonly after: string | null;
};
type Keep = (rows: readonly Enrolment[]) => Promise<readonly Enrolment[]>;

export const SHOWS = ['unknown', 'own', 'grouped', 'ungrouped', 'excluded', 'left'] as const;
const PAGE = 50;
/** Where the answer is in other rooms, the roster is read through, so many at a time. */
const SCAN = 1_000;

/** What the roster's pages show. */
export function createRosterPages({ jobs, courses, enrolments, profiles, placing }: RosterPageDeps) {
  /** The next people of a list that pass, one more than a page holds. */
  async function pick(
    scope: CourseScope,
    filter: ListFilter,
    after: NameKey | null,
    keep: Keep | null,
  ): Promise<readonly Enrolment[]> {
    if (keep === null) return enrolments.list(scope, filter, after, PAGE + 1);
    const found: Enrolment[] = [];
    for (let key = after; ;) {
      const rows = await enrolments.list(scope, filter, key, SCAN);
      found.push(...(await keep(rows)));
      key = rows.at(-1) ?? null;
      if (found.length > PAGE || rows.length < SCAN) return found.slice(0, PAGE + 1);
    }
  }
  const groupsOf = async (scope: CourseScope, people: readonly Enrolment[]) =>
    (await placing()?.of(
      scope,
      people.map(({ personId }) => personId),
    )) ?? new Map<string, string>();
  const profilesOf = (scope: CourseScope, people: readonly Enrolment[]) =>
    profiles.findMany(
      scope,
      people.map(({ personId }) => personId),
    );
  const keepFor = (scope: CourseScope, show: RosterShow | null, oneTrack: string | null): Keep | null => {
    if (show === 'unknown' || show === 'own')
      return async (rows) => {
        const known = await profilesOf(scope, rows);
        const passes = show === 'own' ? isOwn : (profile?: Profile) => !isComplete(profile, oneTrack);
        return rows.filter(({ personId }) => passes(known.get(personId)));
      };
    if (show === 'grouped' || show === 'ungrouped')
      return async (rows) => {
        const groups = await groupsOf(scope, rows);
        return rows.filter(({ personId }) => groups.has(personId) === (show === 'grouped'));
      };
    return null;
  };
  /** Name and address of the groups of some people, by person. */
  async function groupsShown(scope: CourseScope, people: readonly Enrolment[]) {
    const groups = await groupsOf(scope, people);
    const titles = await placing()?.titles(scope, [...new Set(groups.values())]);
    return new Map([...groups].map(([personId, groupId]) => [personId, titles?.get(groupId) ?? null]));
  }

  return {
    groupsShown,
    async list(scope: CourseScope, { search, show, after }: RosterQuery) {
      const last = after === null ? null : await enrolments.find(scope, after);
      const [course, sync, total] = await Promise.all([
        courses.select(scope),
        jobs.findLatest(scope, SYNC),
        enrolments.count(scope, { state: 'active', role: 'fellow' }),
      ]);
      const { oneTrack } = course.settings;
      const rows = await pick(scope, filterOf(show, search), last, keepFor(scope, show, oneTrack));
      const shown = rows.slice(0, PAGE);
      const [known, groups] = await Promise.all([profilesOf(scope, shown), groupsShown(scope, shown)]);
      return {
        people: shown.map((row) => {
          const profile = known.get(row.personId) ?? null;
          const group = groups.get(row.personId) ?? null;
          return { ...row, shownName: displayName(row), profile, group, sources: sourcesOf(profile) };
        }),
        next: rows.length > PAGE ? (shown.at(-1)?.personId ?? null) : null,
        first: last === null,
        ...{ search, show, total, sync, oneTrack, shows: SHOWS },
        offered: course.services.membershipsUrl !== null,
      };
    },
  };
}

function filterOf(show: RosterShow | null, search: string): ListFilter {
  if (show === 'left') return { state: 'left', search };
  if (show === 'excluded') return { state: 'active', role: 'visitor', search };
  return { state: 'active', search, ...(show === null ? {} : { role: 'fellow' as const }) };
}

/** True where formation has what it needs: a place, and a track or the course's one track. */
function isComplete(profile: Profile | undefined, oneTrack: string | null): boolean {
  const place = profile?.state ?? profile?.zone ?? profile?.country ?? null;
  return place !== null && (profile?.track ?? oneTrack) !== null;
}

function isOwn(profile: Profile | undefined): boolean {
  return Object.values(profile?.sources ?? {}).includes('form');
}

/** Where track and place come from, each source once. */
function sourcesOf(profile: Profile | null): string[] {
  const { track, state } = profile?.sources ?? {};
  const known = [profile?.track == null ? undefined : track, profile?.state == null ? undefined : state];
  return [...new Set(known.flatMap((source) => source ?? []))];
}
