import { NotFound } from '../errors.ts';
import { allow, createRouter, type RoomRouter, seeOther, visitOf } from '../web/routing.ts';
import type { NoticeStore } from './notices.store.ts';

/** Putting a notice away. */
export function noticesRouter(notices: NoticeStore): RoomRouter {
  const router = createRouter();
  router.post('/notices/:noticeId/dismiss', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    if (!(await notices.dismiss(scope, personId, String(req.params['noticeId'])))) throw new NotFound();
    seeOther(res, '/group');
  });
  return router;
}
