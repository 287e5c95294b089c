import { page } from '../../web/page.ts';
import { allow, createRouter, type RoomRouter, visitOf } from '../../web/routing.ts';
import type { ReceiptOf } from './receipt.page.ts';

/** A fellow's own receipt. */
export function participationRouter({ receiptOf }: { receiptOf: ReceiptOf }): RoomRouter {
  const router = createRouter();
  router.get('/me/participation', allow('fellow'), async (_req, res) => {
    const visit = visitOf(res);
    page(res, 'grades/receipt', {
      receipt: await receiptOf(visit, visit.personId),
      own: true,
      grade: null,
    });
  });
  return router;
}
