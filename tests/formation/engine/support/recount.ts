import { fold } from '../../../../src/course/fold.ts';
import type {
  CurrentPlacement,
  FormationPerson,
  FormationRules,
  Placement,
  Rung,
  TermName,
} from '../../../../src/formation/engine/types.ts';

/**
 * The specification once more, slowly and from the outside: reads who is where, and says which rules are broken and what each
 * term is worth. It shares no code with the engine but the folding of names.
 */
export type Recount = {
  readonly problems: readonly string[];
  readonly values: Readonly<Record<Exclude<TermName, 'moves'>, number>> & { readonly moves: number };
  /** Balance on raw values and on ranks, whatever the skew. */
  readonly balances: Readonly<Record<'skill' | 'activity', { raw: number; ranked: number }>>;
  /** What can be proven per track or pool; where nothing can, 0. */
  readonly bounds: Readonly<Record<Exclude<TermName, 'moves'>, number>>;
};

const RUNGS: readonly Rung[] = ['lga', 'state', 'zone', 'country'];
const COST = [0, 1, 3, 9, 9];

type Row = Pick<Placement, 'id' | 'group' | 'place' | 'rung' | 'guest' | 'reason'>;
type Member = { person: FormationPerson; row: Row; keys: readonly (string | null)[] };
type Group = { name: string; members: Member[]; rung: number; key: string; track: string; guests: number };

/** Everything about one result. `previous` makes it an update. */
export function recount(
  people: readonly FormationPerson[],
  rules: FormationRules,
  rows: readonly Row[],
  previous: readonly CurrentPlacement[] | null = null,
): Recount {
  const problems: string[] = [];
  const byId = new Map(people.map((person) => [person.id, person]));
  const rowOf = new Map<string, Row>();
  for (const row of rows) {
    if (!byId.has(row.id)) problems.push(`H1: ${row.id} is not in the roster`);
    if (rowOf.has(row.id)) problems.push(`H1: ${row.id} is listed twice`);
    rowOf.set(row.id, row);
  }
  const keysOf = pathKeys(people);
  const groups = gather(people, rowOf, keysOf, problems);
  for (const group of groups.values()) checkGroup(group, rules, problems);
  checkPairs(people, byId, rowOf, problems);
  checkTracks(people, groups, rules, problems);
  const pools = new Map<string, Group[]>();
  for (const group of groups.values())
    put(pools, JSON.stringify([group.track, group.rung, group.key]), group);
  for (const pool of pools.values()) checkHosts(pool, rules, problems);
  const moves = previous === null ? 0 : checkUpdate(people, rowOf, previous, problems);
  const all = [...groups.values()];
  const balances = {
    skill: balancesOf(pools, (person) => person.skill),
    activity: balancesOf(pools, (person) => person.activity),
  };
  return {
    problems,
    values: { ...valuesOf(people, all, rules), moves, ...balanceValues(balances) },
    balances,
    bounds: boundsOf(people, keysOf, rowOf, pools, rules),
  };
}

/** Per rung the whole path from the country down, or null where the rung is blank. */
export function pathKeys(people: readonly FormationPerson[]): Map<string, (string | null)[]> {
  const clean = (text: string | null): string | null =>
    text === null || text.trim() === '' ? null : fold(text);
  const countries = new Map<string, Set<string>>();
  const everywhere = new Set<string>();
  for (const { track, place } of people) {
    const country = clean(place.country);
    if (country === null) continue;
    everywhere.add(country);
    countries.set(track, (countries.get(track) ?? new Set()).add(country));
  }
  return new Map(
    people.map((person) => {
      const own = countries.get(person.track) ?? (everywhere.size === 1 ? everywhere : new Set(['']));
      const country = clean(person.place.country) ?? (own.size === 1 ? ([...own][0] ?? '') : null);
      const keys: (string | null)[] = [null, null, null, country === null ? null : JSON.stringify([country])];
      const path: (string | null)[] = [country];
      for (let rung = 2; rung >= 0; rung--) {
        const name = clean(person.place[RUNGS[rung]!]);
        path.push(name);
        keys[rung] = name === null ? null : JSON.stringify(path);
      }
      return [person.id, keys];
    }),
  );
}

function gather(
  people: readonly FormationPerson[],
  rowOf: ReadonlyMap<string, Row>,
  keysOf: ReadonlyMap<string, (string | null)[]>,
  problems: string[],
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const person of people) {
    const row = rowOf.get(person.id);
    if (row === undefined) {
      problems.push(`H1: ${person.id} is not listed`);
      continue;
    }
    if (row.group === '') {
      if (!/^[a-z][a-z_]*$/.test(row.reason)) problems.push(`H1: ${person.id} is unplaced without a reason`);
      if (row.place !== '' || row.rung !== '' || row.guest)
        problems.push(`H1: ${person.id} is unplaced at a place`);
      continue;
    }
    const group = groups.get(row.group) ?? {
      name: row.group,
      members: [],
      rung: -1,
      key: '',
      track: '',
      guests: 0,
    };
    group.members.push({ person, row, keys: keysOf.get(person.id) ?? [] });
    groups.set(row.group, group);
  }
  for (const group of groups.values()) {
    const tracks = new Map<string, number>();
    for (const { person } of group.members) tracks.set(person.track, (tracks.get(person.track) ?? 0) + 1);
    group.track = [...tracks].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
  }
  return groups;
}

function checkGroup(group: Group, rules: FormationRules, problems: string[]): void {
  const { members, name } = group;
  if (members.length < rules.min || members.length > rules.max)
    problems.push(`H2: ${name} has ${members.length} people`);
  const [first] = members;
  if (members.some(({ row }) => row.rung !== first?.row.rung || row.place !== first.row.place))
    problems.push(`place: the rows of ${name} differ`);
  group.rung = RUNGS.indexOf(first?.row.rung as Rung);
  if (group.rung < 0) problems.push(`place: ${name} has rung "${first?.row.rung ?? ''}"`);
  const locals = members.filter(({ row }) => !row.guest);
  const key = locals[0]?.keys[group.rung];
  if (key === undefined || key === null) {
    problems.push(`place: ${name} has no locals of a known ${first?.row.rung ?? ''}`);
    return;
  }
  group.key = key;
  for (const member of members) {
    if ((member.keys[group.rung] === key) === member.row.guest)
      problems.push(
        `guest: ${member.person.id} in ${name} is marked ${member.row.guest ? 'a guest' : 'local'}`,
      );
    if (member.row.guest) group.guests++;
  }
  const texts = locals.map(({ person }) => (person.place[RUNGS[group.rung]!] ?? '').trim());
  if (!texts.includes(first?.row.place ?? '') && !(group.rung === 3 && texts.every((text) => text === '')))
    problems.push(`place: ${name} says "${first?.row.place ?? ''}", its people live in "${texts[0] ?? ''}"`);
}

/** Must-together sets, closed; ids that are not in the roster mean nobody. */
export function setsOf(people: readonly FormationPerson[]): FormationPerson[][] {
  const byId = new Map(people.map((person) => [person.id, person]));
  const links = new Map<string, Set<string>>();
  for (const person of people) {
    for (const id of person.mustWith) {
      if (!byId.has(id)) continue;
      links.set(person.id, (links.get(person.id) ?? new Set()).add(id));
      links.set(id, (links.get(id) ?? new Set()).add(person.id));
    }
  }
  const sets: FormationPerson[][] = [];
  const seen = new Set<string>();
  for (const start of links.keys()) {
    const set: FormationPerson[] = [];
    const queue = [start];
    while (queue.length > 0) {
      const id = queue.pop()!;
      if (seen.has(id)) continue;
      seen.add(id);
      set.push(byId.get(id)!);
      queue.push(...(links.get(id) ?? []));
    }
    if (set.length > 1) sets.push(set);
  }
  return sets;
}

function checkPairs(
  people: readonly FormationPerson[],
  byId: ReadonlyMap<string, FormationPerson>,
  rowOf: ReadonlyMap<string, Row>,
  problems: string[],
): void {
  for (const set of setsOf(people)) {
    if (new Set(set.map(({ id }) => rowOf.get(id)?.group)).size > 1)
      problems.push(`H3: ${set.map(({ id }) => id).join(', ')} are not together`);
  }
  for (const person of people) {
    const group = rowOf.get(person.id)?.group ?? '';
    for (const id of person.mustNotWith) {
      if (id !== person.id && byId.has(id) && group !== '' && rowOf.get(id)?.group === group)
        problems.push(`H4: ${person.id} and ${id} are together`);
    }
  }
}

/** Whether a number of people can be split into groups, by trying. */
export function canSplit(people: number, { min, max }: Pick<FormationRules, 'min' | 'max'>): boolean {
  const reachable = Array.from({ length: people + 1 }, () => false);
  reachable[0] = true;
  for (let sum = 0; sum <= people; sum++) {
    if (reachable[sum] !== true) continue;
    for (let size = min; size <= max; size++) if (sum + size <= people) reachable[sum + size] = true;
  }
  return people > 0 && reachable[people] === true;
}

function checkTracks(
  people: readonly FormationPerson[],
  groups: ReadonlyMap<string, Group>,
  rules: FormationRules,
  problems: string[],
): void {
  const sizes = new Map<string, number>();
  for (const { track } of people) sizes.set(track, (sizes.get(track) ?? 0) + 1);
  const across = new Set(
    setsOf(people)
      .filter((set) => new Set(set.map(({ track }) => track)).size > 1)
      .flat(),
  );
  for (const { name, members } of groups.values()) {
    if (new Set(members.map(({ person }) => person.track)).size === 1) continue;
    const excused = members.some(
      ({ person }) => across.has(person) || !canSplit(sizes.get(person.track) ?? 0, rules),
    );
    if (!rules.crossTrack || !excused) problems.push(`H5: ${name} mixes tracks`);
  }
}

function checkHosts(pool: readonly Group[], rules: FormationRules, problems: string[]): void {
  let locals = 0;
  let guests = 0;
  for (const group of pool) {
    locals += group.members.length - group.guests;
    guests += group.guests;
  }
  if (guests > 0 && locals < rules.min * pool.length)
    problems.push(
      `host: ${pool[0]?.name ?? ''} and its like host guests with ${locals} locals in ${pool.length}`,
    );
}

function checkUpdate(
  people: readonly FormationPerson[],
  rowOf: ReadonlyMap<string, Row>,
  previous: readonly CurrentPlacement[],
  problems: string[],
): number {
  const before = new Map(previous.filter(({ group }) => group !== '').map((row) => [row.id, row.group]));
  const tracks = new Map<string, Map<string, number>>();
  const alive = new Set([...rowOf.values()].map(({ group }) => group));
  for (const person of people) {
    const group = before.get(person.id);
    if (group === undefined) continue;
    const counts = tracks.get(group) ?? new Map<string, number>();
    tracks.set(group, counts.set(person.track, (counts.get(person.track) ?? 0) + 1));
  }
  let moves = 0;
  for (const person of people) {
    const row = rowOf.get(person.id);
    const group = before.get(person.id);
    if (row === undefined) continue;
    if (group !== undefined && row.group !== group) moves++;
    if (row.group === '') continue;
    const own = group === undefined ? undefined : tracks.get(group);
    const switched = own !== undefined && (own.get(person.track) ?? 0) < Math.max(...own.values());
    const expected =
      group === undefined || (switched && row.group !== group)
        ? ['joined']
        : row.group === group
          ? [person.pinned ? 'pinned' : '']
          : [alive.has(group) ? 'borrowed' : 'dissolved'];
    if (!expected.includes(row.reason) && !(switched && ['borrowed', 'dissolved'].includes(row.reason)))
      problems.push(`reason: ${person.id}, ${group ?? 'new'} to ${row.group}, says "${row.reason}"`);
    if (person.pinned && group !== undefined && row.group !== group && !switched)
      problems.push(`pinned: ${person.id} went from ${group} to ${row.group}`);
  }
  return moves;
}

const slotsOf = (person: FormationPerson): string => person.availability ?? '1'.repeat(21);

function sharedSlots(group: Group): number {
  let shared = 0;
  for (let slot = 0; slot < 21; slot++)
    if (group.members.every(({ person }) => slotsOf(person)[slot] === '1')) shared++;
  return shared;
}

function sharesLanguage(group: Group): boolean {
  const stated = group.members
    .map(({ person }) => new Set(person.languages.map((language) => fold(language))))
    .filter((languages) => languages.size > 0);
  return (
    stated.length === 0 || [...stated[0]!].some((language) => stated.every((other) => other.has(language)))
  );
}

function pairsOf(counts: Iterable<number>): number {
  let pairs = 0;
  for (const count of counts) pairs += (count * (count - 1)) / 2;
  return pairs;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function valuesOf(people: readonly FormationPerson[], groups: readonly Group[], rules: FormationRules) {
  let placed = 0;
  const sum = { location: 0, no_lead: 0, isolated: 0, short_availability: 0, no_common_language: 0 };
  let together = 0;
  let size = 0;
  for (const group of groups) {
    const { members } = group;
    placed += members.length;
    for (const member of members) sum.location += COST[meeting(member.keys, group)] ?? 0;
    if (!members.some(({ person }) => person.canLead)) sum.no_lead++;
    if (members.filter(({ person }) => person.gender === 'F').length === 1) sum.isolated++;
    if (members.filter(({ person }) => person.gender === 'M').length === 1) sum.isolated++;
    if (sharedSlots(group) < 2) sum.short_availability++;
    if (!sharesLanguage(group)) sum.no_common_language++;
    together += pairsOf(countBy(members, ({ person }) => person.previousGroup).values());
    size += (members.length - rules.ideal) ** 2;
  }
  return { unplaced: people.length - placed, ...sum, together_before: together, size };
}

/** The level at which a person's place and their group's meet; 4 where they share no country. */
function meeting(keys: readonly (string | null)[], group: Group): number {
  if (group.key === '') return 4;
  const path = JSON.parse(group.key) as (string | null)[];
  for (let rung = group.rung; rung < 4; rung++) {
    const above = path.slice(0, 4 - rung);
    if (above[above.length - 1] !== null && keys[rung] === JSON.stringify(above)) return rung;
  }
  return 4;
}

function balancesOf(
  pools: ReadonlyMap<string, readonly Group[]>,
  of: (person: FormationPerson) => number | null,
): { raw: number; ranked: number } {
  return { raw: balance(pools, of, false), ranked: balance(pools, of, true) };
}

function balanceValues(balances: Recount['balances']) {
  // Skill is a mark and counts as it is; activity counts deeds, is skewed by nature, and counts by rank.
  return { balance_skill: balances.skill.raw, balance_activity: balances.activity.ranked };
}

/** SSB/SST per pool, weighted by the people whose value is known. */
function balance(
  pools: ReadonlyMap<string, readonly Group[]>,
  of: (person: FormationPerson) => number | null,
  byRank: boolean,
): number {
  let sum = 0;
  let weight = 0;
  for (const pool of pools.values()) {
    const raw = pool.map(({ members }) =>
      members.map(({ person }) => of(person)).filter((value): value is number => value !== null),
    );
    const all = raw.flat();
    if (all.length === 0) continue;
    const values = byRank ? raw.map((group) => group.map((value) => midRank(all, value))) : raw;
    const flat = values.flat();
    const mean = flat.reduce((total, value) => total + value, 0) / flat.length;
    const total = flat.reduce((squares, value) => squares + (value - mean) ** 2, 0);
    let between = 0;
    for (const group of values) {
      const deviation = group.reduce((part, value) => part + value - mean, 0);
      if (group.length > 0) between += deviation ** 2 / group.length;
    }
    const spread = Math.max(...flat) > Math.min(...flat);
    sum += spread ? (between / total) * flat.length : 0;
    weight += flat.length;
  }
  return weight === 0 ? 0 : sum / weight;
}

function midRank(all: readonly number[], value: number): number {
  const below = all.filter((other) => other < value).length;
  const equal = all.filter((other) => other === value).length;
  return below + (equal - 1) / 2;
}

function boundsOf(
  people: readonly FormationPerson[],
  keysOf: ReadonlyMap<string, (string | null)[]>,
  rowOf: ReadonlyMap<string, Row>,
  pools: ReadonlyMap<string, readonly Group[]>,
  rules: FormationRules,
) {
  const tracks = new Map<string, FormationPerson[]>();
  for (const person of people) put(tracks, person.track, person);
  let unplaced = 0;
  let location = 0;
  for (const own of tracks.values()) {
    let most = own.length;
    while (most > 0 && !canSplit(most, rules)) most--;
    if (!rules.crossTrack) unplaced += own.length - most;
    for (let rung = 0, rest = own; rung < 4 && !rules.crossTrack; rung++) {
      const counts = countBy(own, ({ id }) => keysOf.get(id)?.[rung] ?? null);
      const settled = rest.filter(({ id }) => (counts.get(keysOf.get(id)?.[rung] ?? '') ?? 0) >= rules.min);
      location += settled.filter(({ id }) => rowOf.get(id)?.group !== '').length * COST[rung]!;
      rest = rest.filter((person) => !settled.includes(person));
    }
  }
  const bounds = { no_lead: 0, isolated: 0, together_before: 0, size: 0 };
  for (const pool of pools.values()) {
    const members = pool.flatMap((group) => group.members);
    const groups = pool.length;
    bounds.no_lead += Math.max(0, groups - members.filter(({ person }) => person.canLead).length);
    for (const gender of ['F', 'M'])
      if (members.filter(({ person }) => person.gender === gender).length === 1) bounds.isolated++;
    for (const count of countBy(members, ({ person }) => person.previousGroup).values()) {
      const each = Math.floor(count / groups);
      const more = count % groups;
      bounds.together_before += (groups - more) * pairsOf([each]) + more * pairsOf([each + 1]);
    }
    let size = Infinity;
    for (let number = 1; number <= members.length; number++) {
      const small = Math.floor(members.length / number);
      const larger = members.length % number;
      if (small < rules.min || small + (larger > 0 ? 1 : 0) > rules.max) continue;
      size = Math.min(
        size,
        (number - larger) * (small - rules.ideal) ** 2 + larger * (small + 1 - rules.ideal) ** 2,
      );
    }
    bounds.size += size === Infinity ? 0 : size;
  }
  return {
    unplaced,
    location,
    short_availability: 0,
    no_common_language: 0,
    balance_skill: 0,
    balance_activity: 0,
    ...bounds,
  };
}

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
