import highsModule from 'highs';
import type { FormationPerson, FormationRules } from '../../../../src/formation/engine/types.ts';
import { pathKeys } from './recount.ts';

// Its types are those of its CommonJS build, in which the function is `default`; the ES module is the function itself.
const loadHighs = highsModule as unknown as typeof highsModule.default;

const COST = [0, 1, 3, 9, 9];
const WORLD = 4;
/** More than location can cost anybody, so that leaving out one fewer comes first. */
const UNPLACED = 1_000;

/** A place of the tree, with the places above it from its own rung up. */
type Node = { readonly rung: number; readonly key: string; readonly above: readonly string[] };
type Home = { readonly node: Node; readonly people: number };

/**
 * The fewest unplaced people of one track without pair rules, and then the least location cost, as an integer programme for
 * HiGHS: how many groups stand at each place, and how many people of each place sit there. A place takes guests only while
 * it has the least size of its own people for every group (formation.md, guests).
 */
export async function createHighsOracle(): Promise<
  (people: readonly FormationPerson[], rules: FormationRules) => { unplaced: number; location: number }
> {
  const highs = await loadHighs();
  return (people, rules) => {
    if (people.length === 0) return { unplaced: 0, location: 0 };
    const answer = highs.solve(programme(people, rules), { output_flag: false });
    if (answer.Status !== 'Optimal') throw new Error(`HiGHS ended with ${answer.Status}.`);
    const whole = Math.round(answer.ObjectiveValue) + UNPLACED * people.length;
    return { unplaced: Math.floor(whole / UNPLACED), location: whole % UNPLACED };
  };
}

/** In the CPLEX LP format; the constant number of people is left out of the objective. */
function programme(people: readonly FormationPerson[], rules: FormationRules): string {
  const { homes, nodes } = treeOf(people);
  const objective: string[] = [];
  const rows: string[] = [];
  for (const [h, { people: count }] of homes.entries())
    rows.push(`${nodes.map((_, v) => `x${h}_${v}`).join(' + ')} <= ${count}`);
  for (const [v, node] of nodes.entries()) {
    const locals: string[] = [];
    const guests: string[] = [];
    for (const [h, home] of homes.entries()) {
      const meeting = meetingRung(home.node, node);
      objective.push(`${(COST[meeting] ?? 0) - UNPLACED} x${h}_${v}`);
      (meeting === node.rung ? locals : guests).push(`x${h}_${v}`);
    }
    const all = [...locals, ...guests].join(' + ');
    rows.push(`${all} - ${rules.min} k${v} >= 0`, `${all} - ${rules.max} k${v} <= 0`);
    if (guests.length > 0) {
      rows.push(`${guests.join(' + ')} - ${people.length} b${v} <= 0`);
      rows.push(
        `${locals.join(' + ')} - ${rules.min} k${v} - ${2 * rules.min * people.length} b${v} >= ${-2 * rules.min * people.length}`,
      );
    }
  }
  const variables = homes.flatMap((_, h) => nodes.map((_node, v) => `x${h}_${v}`));
  return [
    'Minimize',
    ` cost: ${objective.join(' + ').replaceAll('+ -', '- ')}`,
    'Subject To',
    ...rows.map((row, at) => ` r${at}: ${row}`),
    'Generals',
    ` ${[...variables, ...nodes.map((_, v) => `k${v}`)].join(' ')}`,
    'Binaries',
    ` ${nodes.map((_, v) => `b${v}`).join(' ')}`,
    'End',
  ].join('\n');
}

function treeOf(people: readonly FormationPerson[]): { homes: Home[]; nodes: Node[] } {
  const nodes = new Map<string, Node>();
  const counts = new Map<string, number>();
  for (const keys of pathKeys(people).values()) {
    const path = keys.flatMap((key, rung) => (key === null ? [] : [`${rung} ${key}`]));
    for (const [at, key] of path.entries())
      nodes.set(key, { rung: Number(key[0]), key, above: path.slice(at) });
    const home = path[0] ?? '';
    counts.set(home, (counts.get(home) ?? 0) + 1);
  }
  const nowhere: Node = { rung: WORLD, key: '', above: [] };
  const homes = [...counts].map(([key, count]) => ({ node: nodes.get(key) ?? nowhere, people: count }));
  return { homes, nodes: [...nodes.values()] };
}

/** The rung of the lowest place that two share. */
function meetingRung(home: Node, node: Node): number {
  const shared = home.above.find((key) => node.above.includes(key));
  return shared === undefined ? WORLD : Number(shared[0]);
}
