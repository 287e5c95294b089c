import type { Database } from '../database/index.ts';
import type { Panel, Room } from '../room.ts';
import type { CourseScope } from '../scope.ts';
import { noticesRouter } from './notices.router.ts';
import { createNoticeStore, type Notice, type NoticeStore } from './notices.store.ts';

export type NoticesDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  /** The version of the groups that readers see. */
  readonly versionOf: (scope: CourseScope) => Promise<number>;
  /** Names as they are now: a notice keeps ids. */
  readonly namesOf: (
    scope: CourseScope,
    personIds: readonly string[],
  ) => Promise<ReadonlyMap<string, string>>;
};

const DAY_MS = 24 * 3_600_000;
const KEPT_MS = 365 * DAY_MS;
const BY_ID = /Id$/;

/** What people are told, at the top of their own page. */
export function createNoticesRoom(deps: NoticesDeps): { room: Room; notices: NoticeStore } {
  const { database, clock } = deps;
  const notices = createNoticeStore(database, clock);
  const room: Room = {
    name: 'notices',
    router: noticesRouter(notices),
    navigation: [],
    panels: [noticesPanel(deps, notices)],
    figures: () => Promise.resolve([]),
    steps: () => Promise.resolve([]),
    evidenceKinds: [],
    timedJobs: [
      {
        name: 'sweep notices',
        everyMs: DAY_MS,
        run: () => notices.sweep(new Date(clock().getTime() - KEPT_MS)),
      },
    ],
    privacy: {
      async export(scope, personId) {
        return { notices: await notices.ofPerson(scope, personId) };
      },
      erase: (scope, personId) => notices.erase(scope, personId),
    },
  };
  return { room, notices };
}

function noticesPanel({ versionOf, namesOf }: NoticesDeps, notices: NoticeStore): Panel {
  return {
    on: 'group-top',
    roles: ['fellow'],
    order: 0,
    async show({ scope, personId }) {
      const unread = await notices.unread(scope, personId, await versionOf(scope));
      if (unread.length === 0) return null;
      const names = await namesOf(scope, unread.flatMap(personIdsIn));
      return { view: 'notices/list', model: { notices: unread.map((one) => withNames(one, names)) } };
    },
  };
}

function personIdsIn({ params }: Notice): string[] {
  return Object.entries(params).flatMap(([key, value]) =>
    BY_ID.test(key) && typeof value === 'string' ? [value] : [],
  );
}

/** "whoId" of the stored notice is "who" in its words. */
function withNames(notice: Notice, names: ReadonlyMap<string, string>) {
  const named = Object.entries(notice.params).map(([key, value]) =>
    BY_ID.test(key) ? [key.replace(BY_ID, ''), names.get(String(value)) ?? '–'] : [key, value],
  );
  return { ...notice, params: Object.fromEntries(named) as Notice['params'] };
}
