import type { Panel } from '../../room.ts';
import type { MoveStore } from './moves.store.ts';
import type { WaitingStore } from './waiting.store.ts';

/** On the course's home: what waits for the Community Manager among those who come, go and move. */
export function waitingPanel({ waiting, moves }: { waiting: WaitingStore; moves: MoveStore }): Panel {
  return {
    on: 'course-home',
    roles: ['manager'],
    order: 20,
    async show({ scope }) {
      const [counts, objections] = await Promise.all([waiting.counts(scope), moves.objections(scope)]);
      const waits = counts.reduce((sum, { count }) => sum + count, 0);
      if (waits === 0 && objections === 0) return null;
      return { view: 'formation/update-panel', model: { waits, objections } };
    },
  };
}
