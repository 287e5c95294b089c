import type { CourseRole, CourseScope } from './scope.ts';
import type { RoomRouter, Visit } from './web/routing.ts';

/** A tab of the menu. `path` is below `/l/<launchId>`; `label` a key of words. */
export type NavigationItem = {
  readonly path: string;
  /** Further addresses that belong to it, from their beginning. */
  readonly also?: RegExp;
  readonly label: string;
  readonly roles: readonly CourseRole[];
  /** Lower comes first. */
  readonly order: number;
  /** What a link to it is called in a course, a key of words: with it, staff may place one (deep linking). */
  readonly link?: string;
};

/** A piece of another room's page: an EJS view and its model. */
export type PanelView = { readonly view: string; readonly model: object };
export type Panel = {
  /** `group-top` is above everything on My Peer Group, also for whoever is in no group. */
  readonly on: 'course-home' | 'group-page' | 'group-top';
  readonly roles: readonly CourseRole[];
  readonly order: number;
  /** Null where there is nothing to show. `groupId` is given on the group page. */
  show(visit: Visit, groupId: string | null): Promise<PanelView | null>;
};

/** One large number of the course home; `label` and `note` are keys of words. */
export type Figure = {
  readonly label: string;
  readonly value: number;
  readonly note: { readonly key: string; readonly params: Readonly<Record<string, string | number>> } | null;
  readonly path: string;
  readonly order: number;
};

/** A step of setting a course up, as the course home lists it. */
export type SetUpStep = {
  readonly label: string;
  readonly note: { readonly key: string; readonly params: Readonly<Record<string, string | number>> } | null;
  readonly path: string;
  /** Nothing is left of it. */
  readonly done: boolean;
  /** Something is left, yet what comes after may begin. */
  readonly enough?: boolean;
  readonly order: number;
};

/** How a kind of evidence reads on a receipt: `label` is a key of words; `titles` names opportunities by id. */
export type EvidenceKind = {
  readonly kind: string;
  readonly label: string;
  titles(
    scope: CourseScope,
    opportunityIds: readonly string[],
  ): Promise<ReadonlyMap<string, { title: string; path: string | null }>>;
};

/** Work that repeats whether or not anyone asks, once per interval over all processes. */
export type TimedJob = { readonly name: string; readonly everyMs: number; run(): Promise<void> };

/** Where people are placed: of the room that has the groups. */
export type Placing = {
  /** The group of each of these people who has one, by person. */
  of(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  titles(
    scope: CourseScope,
    groupIds: readonly string[],
  ): Promise<ReadonlyMap<string, { title: string; path: string }>>;
};

/** What a room holds of a person; required of every room, so that one that forgets it does not compile. */
export type RoomPrivacy = {
  export(scope: CourseScope, personId: string): Promise<Readonly<Record<string, unknown>>>;
  /** Pseudonymises, so that peers' scores still recompute. May run twice. */
  erase(scope: CourseScope, personId: string): Promise<void>;
};

/** What a room gives to the house; services.ts lists the rooms, app.ts mounts their routers. */
export type Room = {
  readonly name: string;
  readonly router: RoomRouter;
  readonly navigation: readonly NavigationItem[];
  readonly panels: readonly Panel[];
  figures(scope: CourseScope): Promise<readonly Figure[]>;
  steps(scope: CourseScope): Promise<readonly SetUpStep[]>;
  readonly evidenceKinds: readonly EvidenceKind[];
  readonly timedJobs: readonly TimedJob[];
  readonly placing?: Placing;
  readonly privacy: RoomPrivacy;
};
