import type { Cohort } from './cohort.ts';
import { csvField } from './csv.ts';
import type { Formed } from './form.ts';
import { isWithin } from './places.ts';
import { RUNGS } from './types.ts';

const ROWS_PER_CHUNK = 2_000;

/** The groups as CSV, a row per person in the roster's order: id, group, place, rung, guest, reason. */
export function* placementLines(cohort: Cohort, formed: Formed): Generator<string> {
  const { solution, names, reasons } = formed;
  const poolOf = new Int32Array(solution.groupCount);
  for (const [at, pool] of solution.pools.entries())
    poolOf.fill(at, pool.firstGroup, pool.firstGroup + pool.groups);
  let chunk = 'id,group,place,rung,guest,reason\n';
  for (let i = 0; i < cohort.size; i++) {
    const group = solution.groupOf[i] ?? -1;
    const pool = solution.pools[poolOf[group] ?? -1];
    const id = csvField(cohort.ids[i] ?? '');
    if (group < 0 || pool === undefined) {
      chunk += `${id},,,,0,${solution.unplaced.get(i) ?? 'no_feasible_size'}\n`;
    } else {
      const place = csvField(cohort.places.name[pool.node] ?? '');
      const rung = RUNGS[cohort.places.level[pool.node] ?? 3] ?? 'country';
      const guest = isWithin(cohort.places, cohort.traits.home[i] ?? 0, pool.node) ? 0 : 1;
      chunk += `${id},${csvField(names[group] ?? '')},${place},${rung},${guest},${reasons.get(i) ?? ''}\n`;
    }
    if (i % ROWS_PER_CHUNK === ROWS_PER_CHUNK - 1) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}
