import type { Response } from 'express';
import type { Outcome } from '../../course/evidence/evidence.store.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupHere, GroupPages } from '../groups/group.page.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import { MEETUP } from './evidence.ts';
import type { Meetup, MeetupStore } from './meetups.store.ts';

export type RollRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly meetups: MeetupStore;
  readonly pages: GroupPages;
};
type Marked = { readonly personId: string; readonly name: string; readonly outcome: Outcome | null };
type Roll = { readonly found: GroupHere; readonly meetup: Meetup; readonly rows: readonly Marked[] };

const LEADERS = ['manager', 'fellow'] as const;
const PATH = '/groups/g/:groupId/meetups/:meetupId/roll';
const OUTCOMES: readonly Outcome[] = ['met', 'missed', 'excused'];

/** The roll of a meetup: one word on everybody who belonged to the group then, and corrections after it. */
export function rollRouter({ clock, course, groups, meetups, pages }: RollRouterDeps): RoomRouter {
  const router = createRouter();

  /**
   * Who is on the roll, with the latest word on each.
   * @throws Conflict where the meetup was cancelled or has not begun
   */
  const rollOf = async (res: Response, params: unknown): Promise<Roll> => {
    const visit = visitOf(res);
    const { scope } = visit;
    const { groupId, meetupId } = params as { groupId: string; meetupId: string };
    const found = await pages.led(visit, groupId);
    const meetup = await meetups.select(scope, groupId, meetupId);
    if (meetup.state === 'cancelled') throw new Conflict('meetup_cancelled');
    if (meetup.startsAt > clock()) throw new Conflict('meetup_not_begun');
    const memberIds = await groups.membersAtTime(scope, found.version, groupId, meetup.startsAt);
    const [people, words] = await Promise.all([
      course.enrolments.findMany(scope, memberIds),
      course.evidence.of(scope, MEETUP, meetupId),
    ]);
    const rows = people
      // Whoever had left the course by then, though the membership is only ended by the next publish.
      .filter(({ leftAt }) => leftAt === null || leftAt > meetup.startsAt)
      .map((person) => ({
        personId: person.personId,
        name: displayName(person),
        outcome: words.get(person.personId)?.outcome ?? null,
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return { found, meetup, rows };
  };

  router.get(PATH, allow(...LEADERS), async (req, res) => {
    const { found, meetup, rows } = await rollOf(res, req.params);
    page(res, 'group/roll', { ...found, meetup, rows, incomplete: false });
  });
  router.post(PATH, allow(...LEADERS), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const { found, meetup, rows } = await rollOf(res, req.params);
    // "Everyone else was here" marks whoever is not marked yet.
    const otherwise = field(req.body, 'others') === 'met' ? 'met' : null;
    const marked = rows.map((row) => {
      const said = OUTCOMES.find((known) => known === field(req.body, `p_${row.personId}`));
      return { ...row, outcome: said ?? otherwise };
    });
    const words = marked.flatMap(({ personId, outcome }) =>
      outcome === null ? [] : [{ personId, groupId: found.group.id, outcome, occurredAt: meetup.startsAt }],
    );
    // A line left out would be an opportunity nobody can account for.
    if (words.length < marked.length) {
      page(res.status(422), 'group/roll', { ...found, meetup, rows: marked, incomplete: true });
      return;
    }
    if (!(await meetups.beginRoll(scope, meetup.id, meetup.startsAt))) {
      const { state } = await meetups.select(scope, found.group.id, meetup.id);
      throw new Conflict(state === 'cancelled' ? 'meetup_cancelled' : 'meetup_moved');
    }
    const known = await course.evidence.of(scope, MEETUP, meetup.id);
    const corrects = words.some(({ personId, outcome }) => {
      const before = known.get(personId)?.outcome;
      return before !== undefined && before !== outcome;
    });
    await course.evidence.record(scope, MEETUP, meetup.id, words, by);
    const all = [...(await course.evidence.of(scope, MEETUP, meetup.id)).values()];
    const count = (outcome: Outcome): number => all.filter((word) => word.outcome === outcome).length;
    const counts = { met: count('met'), missed: count('missed'), excused: count('excused') };
    await meetups.markHeld(scope, meetup.id, by, counts, corrects);
    seeOther(res, `${found.base}/meetups`, { code: corrects ? 'roll_corrected' : 'roll_saved' });
  });
  return router;
}
