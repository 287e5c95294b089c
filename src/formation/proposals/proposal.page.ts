import { fold } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import { createChanges } from './changes.page.ts';
import type { PublishedGroups } from './propose.job.ts';
import type { Proposal, ProposalStore, ProposedGroup } from './proposals.store.ts';
import type { RecordStore } from './records.store.ts';
import { type Concern, CONCERNS, type LeadBounds, type TrackTally } from './proposed-views.store.ts';
import { commandOf } from './run-csv.page.ts';
import { slotsIn } from './slots.ts';
import { warningsOf } from './rules-form.ts';
import { mayTellAlone, shownTerms, tellable } from './terms.ts';

export type ProposalPageDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly records: RecordStore;
  readonly published: () => PublishedGroups;
};
/** Which groups of a proposal are asked for; '' and null for all. */
export type GroupsAsked = {
  readonly search: string;
  readonly concern: Concern | null;
  readonly track: string | null;
  readonly after: number;
};

const GROUPS_A_PAGE = 30;
const FIRST_UNPLACED = 10;
const UNPLACED_A_PAGE = 100;
const MOST_FOUND = 200;
const RUNGS = ['lga', 'state', 'zone', 'country'] as const;

/** What staff see of a proposal. */
export function createProposalPages({ course, proposals, published }: ProposalPageDeps) {
  const changesSince = createChanges({ course, proposals, published });
  const namesOf = async (scope: CourseScope, ids: readonly string[]): Promise<Map<string, string>> => {
    const people = await course.enrolments.findMany(scope, ids);
    return new Map(people.map((person) => [person.personId, displayName(person)]));
  };

  /** A page of groups, or of those that a filter leaves or a search finds. */
  async function groupsOf(scope: CourseScope, proposal: Proposal, asked: GroupsAsked) {
    const { search, concern, track, after } = asked;
    const filter = { state: 'active', role: 'fellow', search } as const;
    const people = search === '' ? [] : await course.enrolments.list(scope, filter, null, MOST_FOUND);
    const personIds = people.map(({ personId }) => personId);
    const found = search === '' ? null : { text: literal(search), personIds };
    const wanted = { concern, track, found, smallest: proposal.rules.min };
    const rows = await proposals.groupsWhere(scope, proposal, wanted, after, GROUPS_A_PAGE + 1);
    return { rows, many: people.length === MOST_FOUND };
  }

  /** Who has no place, by reason: how many, of which tracks, and the first of them by name. */
  async function unplacedBy(scope: CourseScope, proposal: Proposal) {
    const counts = await proposals.unplacedCounts(scope, proposal);
    const reasons = [...new Set(counts.map(({ reason }) => reason))];
    return Promise.all(
      reasons.map(async (reason) => {
        const of = counts.filter((row) => row.reason === reason);
        const count = of.reduce((sum, row) => sum + row.count, 0);
        const tracks = of.flatMap(({ track, count: people }) => (track === null ? [] : [{ track, people }]));
        const first = await proposals.unplaced(scope, proposal, reason, '', FIRST_UNPLACED);
        return { reason, count, tracks, people: await named(scope, first), more: count > first.length };
      }),
    );
  }
  const named = async (scope: CourseScope, rows: readonly { personId: string; track: string | null }[]) => {
    const names = await namesOf(
      scope,
      rows.map(({ personId }) => personId),
    );
    return rows
      .map(({ personId, track }) => ({ personId, track, name: names.get(personId) ?? '–' }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  };

  return {
    /** The model of a proposal's page. */
    async proposal(
      scope: CourseScope,
      locale: string,
      proposal: Proposal,
      asked: GroupsAsked,
    ): Promise<object> {
      const { rules } = proposal;
      const [{ rows, many }, concerns, tally, leads, unplaced, changes] = await Promise.all([
        groupsOf(scope, proposal, asked),
        proposals.concerns(scope, proposal, rules.min),
        proposals.tally(scope, proposal),
        proposals.leadBounds(scope, proposal),
        unplacedBy(scope, proposal),
        proposal.state === 'open' ? changesSince(scope, proposal) : Promise.resolve(null),
      ]);
      const shown = rows.slice(0, GROUPS_A_PAGE);
      const names = await namesOf(
        scope,
        shown.flatMap(({ memberIds }) => memberIds),
      );
      return {
        proposal,
        changes,
        unplaced,
        many,
        asked,
        concerns: CONCERNS.map((name) => ({ name, count: concerns[name] })).filter(({ count }) => count > 0),
        tracks: tracksOf(tally),
        warnings: warningsOf(rules),
        command: commandOf(proposal),
        gains: gainsOf(proposal, leads, unplaced),
        placed: proposal.people - proposal.unplaced,
        rungs: RUNGS.filter((rung) => (proposal.byRung[rung] ?? 0) > 0),
        sizes: Object.entries(proposal.bySize).map(([size, count]) => ({ size: Number(size), count })),
        terms: shownTerms(tellable(proposal)),
        aloneUntold: !mayTellAlone(proposal),
        groups: shown.map((group) => groupRow(group, names, locale)),
        next: rows.length > GROUPS_A_PAGE ? (shown.at(-1)?.ordinal ?? null) : null,
        first: asked.after < 0,
      };
    },
    /** The model of the page that lists everybody unplaced for one reason. */
    async unplaced(scope: CourseScope, proposal: Proposal, reason: string, after: string): Promise<object> {
      const rows = await proposals.unplaced(scope, proposal, reason, after, UNPLACED_A_PAGE + 1);
      const shown = rows.slice(0, UNPLACED_A_PAGE);
      return {
        proposal,
        reason,
        people: await named(scope, shown),
        next: rows.length > UNPLACED_A_PAGE ? (shown.at(-1)?.personId ?? null) : null,
        first: after === '',
      };
    },
  };
}

/** What a wider choice would gain: a key of words, how many, and what fills the words. */
function gainsOf(
  { rules, anywhere }: Proposal,
  { near, wide }: LeadBounds,
  unplaced: readonly { readonly reason: string; readonly count: number }[],
) {
  const left = (reason: string): number => unplaced.find((row) => row.reason === reason)?.count ?? 0;
  const gains = [
    { what: 'lead', count: near - wide, near, wide },
    { what: 'anywhere', count: anywhere ? 0 : left('place_unknown'), near, wide },
    { what: 'cross_track', count: rules.crossTrack ? 0 : left('too_few_in_track'), near, wide },
  ];
  return gains.filter(({ count }) => count > 0);
}

/** Groups and people of each track, and how many of them on each rung. */
function tracksOf(tally: readonly TrackTally[]) {
  return [...new Set(tally.map(({ track }) => track))].map((track) => {
    const of = tally.filter((row) => row.track === track);
    const sum = (what: 'groups' | 'people'): number => of.reduce((all, row) => all + row[what], 0);
    const byRung = Object.fromEntries(of.map(({ rung, people }) => [rung, people]));
    return { track, groups: sum('groups'), people: sum('people'), byRung };
  });
}

function groupRow(group: ProposedGroup, names: ReadonlyMap<string, string>, locale: string) {
  const { ordinal, name, track, place, rung, facts, memberIds } = group;
  return {
    ordinal,
    name,
    track,
    place,
    rung,
    leads: facts.leads,
    slots: facts.slots === null ? null : slotsIn(facts.slots, locale),
    members: memberIds.map((personId) => names.get(personId) ?? '–').toSorted((a, b) => a.localeCompare(b)),
  };
}

/** The text somewhere in a folded name, taken literally. */
function literal(text: string): RegExp {
  return new RegExp(fold(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
