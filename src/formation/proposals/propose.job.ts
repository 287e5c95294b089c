import { createHash } from 'node:crypto';
import { fold } from '../../course/fold.ts';
import type { Profile } from '../../course/profiles/profile.ts';
import type { CourseStores } from '../../course/room.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { formInWorker } from '../engine/run.ts';
import type { FormationPerson, FormationResult, FormationRules, Rung } from '../engine/types.ts';
import type { Outcome, ProposalStore } from './proposals.store.ts';

export type ProposePayload = {
  readonly proposalId: string;
  readonly rules: FormationRules;
  readonly by: string;
};
export type ProposeDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  /** Who is in a published group already; they stay where they are. */
  readonly placedPersonIds: (scope: CourseScope) => Promise<ReadonlySet<string>>;
};

export const PROPOSE = 'propose';
/** A rung's next lower one, whose crowd decides whether the group could stand there. */
const LOWER: Readonly<Record<Rung, Rung | null>> = {
  lga: null,
  state: 'lga',
  zone: 'state',
  country: 'zone',
};

/** Forms groups of everyone who is in none, off the web thread. */
export function definePropose({ jobs, course, proposals, placedPersonIds }: ProposeDeps): void {
  jobs.define<ProposePayload>(PROPOSE, {
    attempts: 3,
    async run({ scope, payload, progress, signal }: Work<ProposePayload>) {
      const { proposalId, rules, by } = payload;
      await proposals.begin(scope, proposalId, { rules, createdBy: by });
      const { people, unready } = await readPeople(course, scope, await placedPersonIds(scope));
      await progress(people.length, people.length, 'reading');
      const result = await formInWorker(
        { people, rules },
        { signal, onProgress: ({ stage, done, total }) => void progress(done, total, stage) },
      );
      await proposals.fill(scope, proposalId, outcomeOf(people, rules, result, unready));
      return { proposalId };
    },
  });
}

type Unready = { personId: string; reason: string };

async function readPeople(course: CourseStores, scope: CourseScope, placed: ReadonlySet<string>) {
  const { settings } = await course.courses.select(scope);
  const people: FormationPerson[] = [];
  const unready: Unready[] = [];
  for await (const batch of course.enrolments.each(scope, 'fellow')) {
    const waiting = batch.filter(({ personId }) => !placed.has(personId));
    const profiles = await course.profiles.findMany(
      scope,
      waiting.map(({ personId }) => personId),
    );
    for (const { personId } of waiting) {
      const profile = profiles.get(personId);
      const track = profile?.track ?? settings.oneTrack;
      if (track === null) unready.push({ personId, reason: 'track_unknown' });
      else people.push(personOf(personId, track, profile));
    }
  }
  return { people, unready };
}

function personOf(id: string, track: string, profile: Profile | undefined): FormationPerson {
  return {
    id,
    track,
    place: {
      lga: profile?.lga ?? null,
      state: profile?.state ?? null,
      zone: profile?.zone ?? null,
      country: profile?.country ?? null,
    },
    skill: profile?.skill ?? null,
    activity: profile?.activity ?? null,
    gender: profile?.gender ?? null,
    canLead: profile?.canLead ?? false,
    availability: profile?.availability ?? null,
    languages: profile?.languages ?? [],
    mustWith: [],
    mustNotWith: [],
    pinned: false,
    previousGroup: null,
  };
}

function outcomeOf(
  people: readonly FormationPerson[],
  rules: FormationRules,
  result: FormationResult,
  unready: readonly Unready[],
): Outcome {
  const byId = new Map(people.map((person) => [person.id, person]));
  const crowds = crowdsOf(people);
  const byRung: Record<string, number> = {};
  const sorted = result.groups.toSorted((a, b) => compare(a.track, b.track) || compare(a.name, b.name));
  const groups = sorted.map((group, ordinal) => {
    byRung[group.rung] = (byRung[group.rung] ?? 0) + group.memberIds.length;
    const local = group.memberIds.find((id) => !group.guestIds.includes(id));
    const person = local === undefined ? undefined : byId.get(local);
    const lower = LOWER[group.rung];
    const localCount =
      person === undefined || lower === null
        ? group.memberIds.length
        : (crowds.get(crowdKey(person, lower)) ?? 0);
    return {
      ordinal,
      name: group.name,
      nameFolded: fold(group.name),
      track: group.track,
      place: group.place,
      rung: group.rung,
      memberIds: [...group.memberIds],
      guestIds: [...group.guestIds],
      why: { localCount, needed: rules.min },
    };
  });
  const unplaced = [...unready, ...result.unplaced.map(({ id, reason }) => ({ personId: id, reason }))];
  return {
    groups,
    unplaced,
    byRung,
    people: people.length + unready.length,
    terms: result.terms,
    snapshot: snapshotOf(people),
  };
}

/** How many of a track there are in each place of each rung. */
function crowdsOf(people: readonly FormationPerson[]): Map<string, number> {
  const crowds = new Map<string, number>();
  for (const person of people) {
    for (const rung of ['lga', 'state', 'zone'] as const) {
      if (person.place[rung] === null) continue;
      const key = crowdKey(person, rung);
      crowds.set(key, (crowds.get(key) ?? 0) + 1);
    }
  }
  return crowds;
}

function crowdKey({ track, place }: FormationPerson, rung: Rung): string {
  const path =
    rung === 'lga'
      ? [place.zone, place.state, place.lga]
      : rung === 'state'
        ? [place.zone, place.state]
        : [place.zone];
  return JSON.stringify([track, rung, ...path]);
}

function snapshotOf(people: readonly FormationPerson[]): string {
  const hash = createHash('sha256');
  for (const person of people.toSorted((a, b) => compare(a.id, b.id)))
    hash.update(JSON.stringify([person.id, person.track, person.place]));
  return hash.digest('base64url').slice(0, 22);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
