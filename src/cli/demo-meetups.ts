import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { PROJECT_ROOT } from '../config.ts';
import type { Outcome } from '../course/evidence/evidence.store.ts';
import { approveLink } from '../group/meetups/channels.ts';
import { MEETUP } from '../group/meetups/evidence.ts';
import type { Meetup } from '../group/meetups/meetups.store.ts';
import type { CourseScope } from '../scope.ts';
import type { Services } from '../services.ts';
import type { DemoClock } from './demo-clock.ts';

/** A group; its Peer Lead is its first member, its Deputy the second. */
export type Team = { readonly groupId: string; readonly memberIds: readonly string[] };
export type Story = {
  readonly scope: CourseScope;
  readonly begunAt: Date;
  readonly teams: readonly Team[];
  readonly managerId: string;
  /** Whose grade staff change between the postings: there at the first meetup, missing at the second. */
  readonly changedId: string;
  readonly changedSub: string;
};

const ZONE = 'Africa/Lagos';
const LENGTH_MS = 3_600_000;
const ROUNDS = 3;
/** The store knows by it that a group's meetups were planned before. */
const FORM = 'demo-third-week';
const CHANGED: readonly Outcome[] = ['met', 'missed'];
const Words = z.object({ titles: z.array(z.string()).min(ROUNDS), links: z.array(z.string()).min(1) });

function readWords(): z.infer<typeof Words> {
  const file = path.join(PROJECT_ROOT, 'src', 'demo-lms', 'data', 'cohort-3-meetups.json');
  return Words.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Each group's weekly meetups: two past ones and the next, by round. Planned once, however often it is asked. */
export async function meetupsOf(
  { group }: Services,
  { scope, begunAt, teams }: Story,
): Promise<readonly (readonly Meetup[])[]> {
  const words = readWords();
  const rounds: Meetup[][] = Array.from({ length: ROUNDS }, () => []);
  for (const [index, { groupId, memberIds }] of teams.entries()) {
    const link = approveLink(words.links[index % words.links.length] ?? '', []);
    if (typeof link === 'string') throw new Error(`The demo's meeting link is refused: ${link}.`);
    const next = DateTime.fromJSDate(begunAt, { zone: ZONE })
      .startOf('day')
      .plus({ days: 1 + (index % 5), hours: 16 + (index % 3) });
    const meetups = rounds.map((_, round) => {
      const startsAt = next.plus({ weeks: round - (ROUNDS - 1) }).toJSDate();
      return {
        groupId,
        title: words.titles[round] ?? '',
        startsAt,
        endsAt: new Date(startsAt.getTime() + LENGTH_MS),
        link: link.href,
        channel: link.channel,
        plannedBy: memberIds[0] ?? '',
      };
    });
    const ids = await group.meetups.plan(scope, meetups, FORM);
    const planned = new Map((await group.meetups.findMany(scope, ids)).map((meetup) => [meetup.id, meetup]));
    for (const [round, id] of ids.entries()) {
      const meetup = planned.get(id);
      if (meetup !== undefined) rounds[round]?.push(meetup);
    }
  }
  return rounds;
}

/** The rolls of a round, each taken an hour after its meetup. The last of the second is left due. */
export async function takeRolls(
  { course, group }: Services,
  { scope, teams, changedId, managerId }: Story,
  round: number,
  meetups: readonly Meetup[],
  clock: DemoClock,
): Promise<void> {
  for (const meetup of meetups) {
    const team = teams.find(({ groupId }) => groupId === meetup.groupId);
    if (team === undefined || (round > 0 && team === teams.at(-1))) continue;
    clock.travel(new Date(meetup.endsAt.getTime() + LENGTH_MS));
    const words = team.memberIds.map((personId) => ({
      personId,
      groupId: team.groupId,
      outcome: personId === changedId ? (CHANGED[round] ?? 'met') : outcomeOf(personId, round),
      occurredAt: meetup.startsAt,
    }));
    const count = (outcome: Outcome): number => words.filter((word) => word.outcome === outcome).length;
    const counts = { met: count('met'), missed: count('missed'), excused: count('excused') };
    await group.meetups.beginRoll(scope, meetup.id, meetup.startsAt);
    // Whoever was not there takes no roll: the Peer Lead, else the Deputy, else the Community Manager.
    const wasThere = (id: string): boolean =>
      words.some((one) => one.personId === id && one.outcome === 'met');
    const by = team.memberIds.slice(0, 2).find(wasThere) ?? managerId;
    await course.evidence.record(scope, MEETUP, meetup.id, words, by);
    await group.meetups.markHeld(scope, meetup.id, by, counts, false);
  }
}

/** Of a hundred, 80 come, 12 are missing and 8 are excused; always the same ones. */
function outcomeOf(personId: string, round: number): Outcome {
  const hash = createHash('sha256').update(`${personId}/${round}`).digest();
  const percent = hash.readUInt16BE() % 100;
  return percent < 80 ? 'met' : percent < 92 ? 'missed' : 'excused';
}
