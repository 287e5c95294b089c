import { meetFoes, membersOf } from './arrange.ts';
import { byIdentity } from './pairs.ts';
import { isWithin, WORLD } from './places.ts';
import { type Plot, type Pool, unitCost, weigh } from './pool.ts';

/** How many units are few enough to try every division of them, and how many steps that may take. */
const FEW = 10;
const MOST_STEPS = 400_000;

type Block = { units: number[]; people: number[] };
type Site = { node: number; cost: number; locals: number };
type Best = {
  unplaced: number;
  location: number;
  size: number;
  sites: Site[];
  blocks: Block[];
  left: number[];
};

/**
 * The best plan of a few units with pair rules, by trying every division into groups and every place for each: the fewest
 * unplaced, then the least location cost, then sizes.
 * @param atMost what is known to be possible already, as people unplaced
 * @returns null where there are too many units, or no way; `proven` unless the steps ran out
 */
export function planByUnits(
  plot: Plot,
  track: number,
  units: readonly number[],
  atMost: number,
): { pools: Pool[]; left: number[]; proven: boolean } | null {
  if (units.length > FEW) return null;
  const trial = new Trial(plot, [...units].sort(byIdentity(plot.cohort)), atMost);
  const best = trial.run();
  if (best === null) return null;
  return { pools: poolsOf(track, best), left: best.left, proven: trial.steps <= MOST_STEPS };
}

class Trial {
  readonly #plot: Plot;
  readonly #units: readonly number[];
  readonly #blocks: Block[] = [];
  readonly #left: number[] = [];
  #leftPeople = 0;
  #best: Best | null = null;
  #unplaced: number;
  steps = 0;

  constructor(plot: Plot, units: readonly number[], atMost: number) {
    this.#plot = plot;
    this.#units = units;
    this.#unplaced = atMost;
  }

  run(): Best | null {
    this.#place(0);
    return this.#best;
  }

  #place(at: number): void {
    if (this.steps++ > MOST_STEPS) return;
    const unit = this.#units[at];
    if (unit === undefined) {
      this.#weigh();
      return;
    }
    const people = membersOf(unit, this.#plot.pairs);
    for (const block of this.#blocks) {
      if (block.people.length + people.length > this.#plot.rules.max) continue;
      if (meetFoes(people, block.people, this.#plot.pairs)) continue;
      block.units.push(unit);
      block.people.push(...people);
      this.#place(at + 1);
      block.units.pop();
      block.people.length -= people.length;
    }
    if (this.#canFill(at)) {
      this.#blocks.push({ units: [unit], people: [...people] });
      this.#place(at + 1);
      this.#blocks.pop();
    }
    if (this.#leftPeople + people.length > this.#unplaced) return;
    this.#left.push(unit);
    this.#leftPeople += people.length;
    this.#place(at + 1);
    this.#left.pop();
    this.#leftPeople -= people.length;
  }

  /** Whether those from `at` on are enough to bring all blocks, and one more, to the least size. */
  #canFill(at: number): boolean {
    const { min } = this.#plot.rules;
    let missing = min;
    for (const block of this.#blocks) missing += Math.max(0, min - block.people.length);
    return missing <= weigh(this.#plot, this.#units.slice(at));
  }

  /** Finds places for the groups as they are, and keeps them if they are the best so far. */
  #weigh(): void {
    const { min, ideal } = this.#plot.rules;
    if (this.#blocks.some((block) => block.people.length < min)) return;
    const size = this.#blocks.reduce((sum, block) => sum + (block.people.length - ideal) ** 2, 0);
    const best = this.#best;
    const isFewer = best === null || this.#leftPeople < best.unplaced;
    const limit = isFewer ? Infinity : best.location;
    const options = this.#blocks.map((block) => sitesOf(this.#plot, block));
    const found = this.#site(options, [], 0, limit);
    if (found === null) return;
    if (!isFewer && found.cost === best.location && size >= best.size) return;
    this.#unplaced = this.#leftPeople;
    this.#best = {
      unplaced: this.#leftPeople,
      location: found.cost,
      size,
      sites: found.sites,
      blocks: this.#blocks.map((block) => ({ units: [...block.units], people: [...block.people] })),
      left: [...this.#left],
    };
  }

  /** The cheapest places, at no more than `limit`, in which pools have enough of their own people. */
  #site(
    options: readonly (readonly Site[])[],
    chosen: readonly Site[],
    cost: number,
    limit: number,
  ): { cost: number; sites: Site[] } | null {
    const sites = options[chosen.length];
    if (sites === undefined) return this.#isLegal(chosen) ? { cost, sites: [...chosen] } : null;
    let best: { cost: number; sites: Site[] } | null = null;
    for (const site of sites) {
      if (this.steps++ > MOST_STEPS) break;
      const ceiling = best === null ? limit : best.cost - 1;
      if (cost + site.cost > ceiling) break;
      const found = this.#site(options, [...chosen, site], cost + site.cost, ceiling);
      if (found !== null) best = found;
    }
    return best;
  }

  #isLegal(sites: readonly Site[]): boolean {
    return sites.every(({ node }) => {
      let locals = 0;
      let people = 0;
      let groups = 0;
      for (const [at, site] of sites.entries()) {
        if (site.node !== node) continue;
        locals += site.locals;
        people += this.#blocks[at]?.people.length ?? 0;
        groups++;
      }
      return locals === people || locals >= groups * this.#plot.rules.min;
    });
  }
}

/** Where a group can stand: everywhere above one of its people, the cheapest first. */
function sitesOf(plot: Plot, block: Block): Site[] {
  const { tree, traits } = plot.cohort;
  const nodes = new Set<number>();
  for (const person of block.people) {
    for (let node = traits.home[person] ?? 0; node !== 0; node = tree.parent[node] ?? 0) nodes.add(node);
  }
  const sites = [...nodes]
    .filter((node) => (tree.level[node] ?? WORLD) < WORLD)
    .map((node) => ({
      node,
      cost: block.units.reduce((sum, unit) => sum + unitCost(plot, unit, node), 0),
      locals: block.people.filter((person) => isWithin(tree, traits.home[person] ?? 0, node)).length,
    }));
  return sites.sort((a, b) => a.cost - b.cost || b.node - a.node);
}

function poolsOf(track: number, best: Best): Pool[] {
  const pools = new Map<number, Pool & { arrangement: number[][] }>();
  for (const [at, { node, locals }] of best.sites.entries()) {
    const block = best.blocks[at] ?? { units: [], people: [] };
    const pool = pools.get(node) ?? {
      track,
      node,
      units: [],
      people: 0,
      locals: 0,
      groupCount: 0,
      arrangement: [],
    };
    pool.units.push(...block.units);
    pool.people += block.people.length;
    pool.locals += locals;
    pool.groupCount++;
    pool.arrangement.push(block.people);
    pools.set(node, pool);
  }
  return [...pools.values()].sort((a, b) => b.node - a.node);
}
