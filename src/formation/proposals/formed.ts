import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';

/** A proposal that can be looked at. @throws NotFound also while it is being formed, or forgotten */
export async function selectFormed(
  proposals: ProposalStore,
  scope: CourseScope,
  id: unknown,
): Promise<Proposal> {
  const proposal = await proposals.select(scope, String(id));
  if (proposal.state === 'forming' || proposal.state === 'forgetting') throw new NotFound();
  return proposal;
}
