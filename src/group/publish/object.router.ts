import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { MoveStore } from './moves.store.ts';

const LONGEST = 1_000;

/** A fellow looks at the move that is announced to them, and may object. */
export function objectRouter({ moves, groups }: { moves: MoveStore; groups: GroupStore }): RoomRouter {
  const router = createRouter();
  router.get('/me/move', allow('fellow'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    const move = await moves.announcedTo(scope, personId);
    if (move === null) {
      seeOther(res, '/group');
      return;
    }
    const named = await groups.named(scope, [move.fromGroupId, move.toGroupId ?? '']);
    const from = named.get(move.fromGroupId)?.name ?? '–';
    const to = named.get(move.toGroupId ?? '') ?? null;
    page(res, 'formation/update-object', { move, from, to, longest: LONGEST, empty: false });
  });
  router.post('/me/move', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const move = await moves.announcedTo(scope, personId);
    if (move === null) throw new Conflict('move_gone');
    const words = field(req.body, 'reason').slice(0, LONGEST);
    if (words === '') {
      const named = await groups.named(scope, [move.fromGroupId, move.toGroupId ?? '']);
      const from = named.get(move.fromGroupId)?.name ?? '–';
      const to = named.get(move.toGroupId ?? '') ?? null;
      page(res.status(422), 'formation/update-object', { move, from, to, longest: LONGEST, empty: true });
      return;
    }
    // Sent twice, the first words stand.
    await moves.object(scope, move.id, words);
    seeOther(res, '/me/move');
  });
  return router;
}
