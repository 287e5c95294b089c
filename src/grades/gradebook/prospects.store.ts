import type { CourseScope } from '../../scope.ts';
import type { Standings } from '../participation/standings.store.ts';
import { ahead } from '../ahead.ts';
import { type Known, prospectOf, type Prospect } from './decide.ts';
import type { LineItem } from './line-items.store.ts';
import type { OutboxRow, OutboxStore, Wanted } from './outbox.store.ts';

export type ProspectCounts = Readonly<Record<Prospect, number>>;
export type Batch = {
  /** To be put in line: new and changed scores, and all others for a look at whether staff changed them in the LMS. */
  readonly wanted: readonly Wanted[];
  /** Those whose grade of the LMS staff let stand. */
  readonly kept: readonly string[];
  /** Those for whom nothing counts any more. */
  readonly nothing: readonly string[];
  readonly counts: ProspectCounts;
};
export type ProspectDeps = { readonly standings: Standings; readonly outbox: OutboxStore };

/** A row as far as it is about the column that is used now. */
export function knownOf(row: OutboxRow | undefined, number: number): Known | null {
  if (row === undefined) return null;
  const { state, score, posted } = row;
  return { state, score, posted: posted?.number === number ? posted.score : null };
}

/** What posting now would do, fellow by fellow, streamed so that no course is too large. */
export function createProspects({ standings, outbox }: ProspectDeps) {
  async function* each(scope: CourseScope, lineItem: LineItem | null): AsyncGenerator<Batch> {
    for await (const { people, scores } of ahead(standings.each(scope))) {
      const ids = people.map(({ personId }) => personId);
      const rows =
        lineItem === null ? new Map<string, OutboxRow>() : await outbox.findMany(scope, lineItem.id, ids);
      const wanted: Wanted[] = [];
      const kept: string[] = [];
      const nothing: string[] = [];
      const counts = { post: 0, unchanged: 0, held: 0, kept: 0, nothing: 0 };
      for (const personId of ids) {
        const { score = null, activityAt = null } = scores.get(personId) ?? {};
        const prospect = prospectOf(score, knownOf(rows.get(personId), lineItem?.number ?? 0));
        counts[prospect] += 1;
        if (score === null || activityAt === null) nothing.push(personId);
        else if (prospect === 'kept') kept.push(personId);
        else wanted.push({ personId, score, activityAt });
      }
      yield { wanted, kept, nothing, counts };
    }
  }
  return {
    each,
    async count(scope: CourseScope, lineItem: LineItem | null): Promise<ProspectCounts> {
      const sum = { post: 0, unchanged: 0, held: 0, kept: 0, nothing: 0 };
      for await (const { counts } of each(scope, lineItem))
        for (const key of Object.keys(sum) as Prospect[]) sum[key] += counts[key];
      return sum;
    },
  };
}
export type Prospects = ReturnType<typeof createProspects>;
