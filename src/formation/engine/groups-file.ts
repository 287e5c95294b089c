import type { Cohort } from './cohort.ts';
import { csvField } from './csv.ts';
import type { Formed } from './form.ts';
import { poolTexts } from './names.ts';
import { isWithin } from './places.ts';
import { RUNGS } from './types.ts';

const ROWS_PER_CHUNK = 2_000;

/** The groups as CSV, a row per person by id, whatever the order of the roster: id, group, place, rung, guest, reason. */
export function* placementLines(cohort: Cohort, formed: Formed): Generator<string> {
  const { solution, names, reasons } = formed;
  const places = poolTexts(cohort, solution).map(({ text }) => csvField(text));
  const poolOf = new Int32Array(solution.groupCount);
  for (const [at, pool] of solution.pools.entries())
    poolOf.fill(at, pool.firstGroup, pool.firstGroup + pool.groups);
  let chunk = 'id,group,place,rung,guest,reason\n';
  for (const [row, person] of byId(cohort).entries()) {
    const group = solution.groupOf[person] ?? -1;
    const at = poolOf[group] ?? -1;
    const pool = solution.pools[at];
    const id = csvField(cohort.ids[person] ?? '');
    if (group < 0 || pool === undefined) {
      chunk += `${id},,,,0,${solution.unplaced.get(person) ?? 'no_feasible_size'}\n`;
    } else {
      const rung = RUNGS[cohort.tree.level[pool.node] ?? 3] ?? 'country';
      const guest = isWithin(cohort.tree, cohort.traits.home[person] ?? 0, pool.node) ? 0 : 1;
      chunk += `${id},${csvField(names[group] ?? '')},${places[at] ?? ''},${rung},${guest},${reasons.get(person) ?? ''}\n`;
    }
    if (row % ROWS_PER_CHUNK === ROWS_PER_CHUNK - 1) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

function byId({ ids, size }: Cohort): Int32Array {
  const order = Int32Array.from({ length: size }, (_, person) => person);
  return order.sort((a, b) => ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1));
}
