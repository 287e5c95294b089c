import type { CourseScope } from '../../scope.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';
import { mayTellAlone, namesNobody, type ShownTerm, shownTerms } from './terms.ts';

/** A figure of two proposals; null where one does not have it. `better` says which is smaller. */
export type Compared = {
  readonly name: string;
  readonly measure: ShownTerm['measure'];
  readonly here: number | null;
  readonly there: number | null;
  readonly better: 'here' | 'there' | null;
};

const OTHERS = 20;
const RUNGS = ['lga', 'state', 'zone', 'country'] as const;

/** The model of the page that sets two proposals side by side; `other` is null where there is none to choose. */
export async function comparisonOf(
  proposals: ProposalStore,
  scope: CourseScope,
  proposal: Proposal,
  otherId: string,
): Promise<object> {
  const others = (await proposals.list(scope, OTHERS)).filter(({ id }) => id !== proposal.id);
  const other = otherId === '' ? (others[0] ?? null) : await proposals.select(scope, otherId);
  if (other === null || other.state === 'forming' || other.id === proposal.id)
    return { proposal, other: null, others };
  const both = mayTellAlone(proposal) && mayTellAlone(other);
  const toldOf = ({ terms }: Proposal) => shownTerms(both ? terms : terms.filter(namesNobody));
  return {
    proposal,
    other,
    others: others.some(({ id }) => id === other.id) ? others : [other, ...others],
    terms: compareTerms(toldOf(proposal), toldOf(other)),
    rungs: RUNGS.filter((rung) => [proposal, other].some(({ byRung }) => (byRung[rung] ?? 0) > 0)),
    sizes: sizesOf(proposal, other),
    company: compareCompany(
      await seatsOf(proposals, scope, proposal),
      await seatsOf(proposals, scope, other),
    ),
  };
}

/** Rules of either, beside each other. */
export function compareTerms(here: readonly ShownTerm[], there: readonly ShownTerm[]): Compared[] {
  const names = [...new Set([...here, ...there].map(({ name }) => name))];
  return names.flatMap((name) => {
    const [one, two] = [here, there].map((terms) => terms.find((term) => term.name === name));
    const measure = (one ?? two)?.measure;
    if (measure === undefined) return [];
    // What is not shown is nought: nobody has it.
    const by = (one?.value ?? 0) - (two?.value ?? 0);
    const better = Math.abs(by) < 1e-9 ? null : by < 0 ? 'here' : 'there';
    return [{ name, measure, here: one?.value ?? null, there: two?.value ?? null, better }];
  });
}

/** How many are placed in both, and how many of these have other people around them. */
export function compareCompany(
  here: ReadonlyMap<string, readonly string[]>,
  there: ReadonlyMap<string, readonly string[]>,
): { readonly both: number; readonly others: number } {
  const groupOf = new Map([...here].flatMap(([group, members]) => members.map((id) => [id, group] as const)));
  let [both, others] = [0, 0];
  for (const members of there.values()) {
    const groups = members.map((id) => groupOf.get(id));
    const [first] = groups;
    const same =
      first !== undefined &&
      groups.every((group) => group === first) &&
      here.get(first)?.length === members.length;
    const known = groups.filter((group) => group !== undefined).length;
    both += known;
    if (!same) others += known;
  }
  return { both, others };
}

async function seatsOf(
  proposals: ProposalStore,
  scope: CourseScope,
  proposal: Proposal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const seats = new Map<string, readonly string[]>();
  for await (const page of proposals.eachGroup(scope, proposal))
    for (const { id, memberIds } of page) seats.set(id, memberIds);
  return seats;
}

function sizesOf(here: Proposal, there: Proposal) {
  const sizes = [...new Set([here, there].flatMap(({ bySize }) => Object.keys(bySize)))].map(Number);
  return sizes
    .toSorted((a, b) => a - b)
    .map((size) => ({ size, here: here.bySize[size] ?? 0, there: there.bySize[size] ?? 0 }));
}
