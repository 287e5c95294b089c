import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { Move, MoveStore } from './moves.store.ts';
import { nameMoves } from './tell-moves.job.ts';

const LONGEST = 1_000;

/** A fellow looks at the move that is announced to them, and may object. */
export function objectRouter({ moves, groups }: { moves: MoveStore; groups: GroupStore }): RoomRouter {
  const router = createRouter();
  const model = async (scope: CourseScope, move: Move, empty: boolean) => ({
    ...{ move, longest: LONGEST, empty, late: move.claimedAt !== null },
    ...(await nameMoves(groups, scope, [move]))(move),
  });
  router.get('/me/move', allow('fellow'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    const move = await moves.announcedTo(scope, personId);
    if (move === null) {
      seeOther(res, '/group');
      return;
    }
    page(res, 'formation/update-object', await model(scope, move, false));
  });
  router.post('/me/move', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const move = await moves.announcedTo(scope, personId);
    if (move === null) throw new Conflict('move_gone');
    const words = field(req.body, 'reason').slice(0, LONGEST);
    if (words === '') {
      page(res.status(422), 'formation/update-object', await model(scope, move, true));
      return;
    }
    // Sent twice, the first words stand.
    if (!(await moves.object(scope, move.id, words)) && move.objection === null) {
      const now = await moves.find(scope, move.id);
      if (now === null || now.objection === null) throw new Conflict('move_gone');
    }
    seeOther(res, '/me/move');
  });
  return router;
}
