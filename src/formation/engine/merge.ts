import { arrange } from './arrange.ts';
import { formPool, type Plot, type Pool } from './pool.ts';

/** All groups of a track at a place are one pool. */
export function mergePools(plot: Plot, pools: readonly Pool[]): Pool[] {
  const merged = new Map<string, Pool>();
  for (const pool of pools) {
    const key = `${pool.track} ${pool.node}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? settled(plot, pool) : mergeTwo(plot, known, pool));
  }
  return [...merged.values()];
}

/** An arranged pool grows unit by unit; in the end it has the number of groups that suits its size. */
function settled(plot: Plot, pool: Pool): Pool {
  return pool.arrangement === null ? pool : (formPool(plot, pool.track, pool.node, pool.units) ?? pool);
}

function mergeTwo(plot: Plot, a: Pool, b: Pool): Pool {
  const units = [...a.units, ...b.units];
  return (
    formPool(plot, a.track, a.node, units) ?? {
      ...a,
      units,
      people: a.people + b.people,
      locals: a.locals + b.locals,
      groupCount: a.groupCount + b.groupCount,
      arrangement: [...partsOf(plot, a), ...partsOf(plot, b)],
    }
  );
}

function partsOf(plot: Plot, pool: Pool): readonly number[][] {
  return pool.arrangement ?? arrange(pool.units, pool.groupCount, plot.rules, plot.pairs) ?? [];
}
