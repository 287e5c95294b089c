import { page } from '../../web/page.ts';
import { allow, createRouter, type RoomRouter, visitOf } from '../../web/routing.ts';
import type { GradesPages } from '../gradebook/grades.page.ts';
import type { ReceiptOf } from './receipt.page.ts';

export type ParticipationRouterDeps = { readonly receiptOf: ReceiptOf; readonly pages: GradesPages };

/** A fellow's own receipt. */
export function participationRouter({ receiptOf, pages }: ParticipationRouterDeps): RoomRouter {
  const router = createRouter();
  router.get('/me/participation', allow('fellow'), async (_req, res) => {
    const visit = visitOf(res);
    const [receipt, grade] = await Promise.all([
      receiptOf(visit, visit.personId),
      pages.line(visit.scope, visit.personId),
    ]);
    page(res, 'grades/receipt', { receipt, grade, own: true });
  });
  return router;
}
