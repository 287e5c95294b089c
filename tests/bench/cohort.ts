import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FormationPerson } from '../../src/formation/engine/types.ts';

/** States with how many local governments each has, by zone: the shape of Nigeria's places, with numbered LGAs. */
const ZONES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'North Central': { Benue: 23, FCT: 6, Kogi: 21, Kwara: 16, Nasarawa: 13, Niger: 25, Plateau: 17 },
  'North East': { Adamawa: 21, Bauchi: 20, Borno: 27, Gombe: 11, Taraba: 16, Yobe: 17 },
  'North West': { Jigawa: 27, Kaduna: 23, Kano: 44, Katsina: 34, Kebbi: 21, Sokoto: 23, Zamfara: 14 },
  'South East': { Abia: 17, Anambra: 21, Ebonyi: 13, Enugu: 17, Imo: 27 },
  'South South': { 'Akwa Ibom': 31, Bayelsa: 8, 'Cross River': 18, Delta: 25, Edo: 18, Rivers: 23 },
  'South West': { Ekiti: 16, Lagos: 20, Ogun: 20, Ondo: 18, Osun: 30, Oyo: 33 },
};
const TRACKS = [
  'Software Development',
  'Data Analysis & Visualisation',
  'Cybersecurity',
  'UI/UX Design',
  'Data Science',
  'Product Management',
  'AI/Machine Learning',
  'Cloud Computing',
  'Animation',
  'Quality Assurance',
  'DevOps',
  'Game Development',
];
/** Weeks that people have: each person's is one of these with some slots turned. */
const WEEKS = [0x001249, 0x1f8000, 0x124924, 0x0924a1, 0x1f9249].map((week) => week & 0x1fffff);

/** A seeded stream of numbers in [0, 1) (mulberry32), apart from the engine's own. */
export function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * People as a large course has them: LGAs and tracks of Zipf-like sizes, skill near normal, activity skewed, leads among the
 * active, two fifths with an earlier group of about six. The first n of a longer cohort are the cohort of n.
 */
export function* generateCohort(people: number, seed: number): Generator<FormationPerson> {
  const chance = numbers(seed);
  const lgas = shuffled(listLgas(), chance);
  const lgaOf = picker(
    lgas.map((_, at) => 1 / (at + 1)),
    chance,
  );
  const trackOf = picker(
    TRACKS.map((_, at) => (at + 1) ** -0.8),
    chance,
  );
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
  const earlier = new Map<string, { code: number; count: number }>();
  for (let at = 0; at < people; at++) {
    const track = trackOf();
    const place = lgas[lgaOf()]!;
    const activity = Math.exp(normal() * 0.8);
    let week = WEEKS[Math.floor(chance() * WEEKS.length)]!;
    for (let slot = 0; slot < 21; slot++) if (chance() < 0.15) week ^= 1 << slot;
    const gender = chance() < 0.15 + 0.03 * track ? 'F' : 'M';
    const canLead = chance() < (activity > 1 ? 0.25 : 0.11);
    let previousGroup: string | null = null;
    if (chance() < 0.4) {
      const key = `${track} ${place.state}`;
      const known = earlier.get(key);
      const group = known === undefined || known.count === 6 ? { code: at, count: 0 } : known;
      group.count++;
      earlier.set(key, group);
      previousGroup = `g${group.code}`;
    }
    yield {
      id: `f${String(at + 1).padStart(6, '0')}`,
      track: TRACKS[track]!,
      place: { ...place, country: null },
      skill: Math.round((50 + 15 * normal() + 2 * track) * 10) / 10,
      activity: Math.round(activity * 1000) / 1000,
      gender,
      canLead,
      availability: week.toString(2).padStart(21, '0'),
      languages: [],
      mustWith: [],
      mustNotWith: [],
      pinned: false,
      previousGroup,
    };
  }
}

function listLgas(): { lga: string; state: string; zone: string }[] {
  return Object.entries(ZONES).flatMap(([zone, states]) =>
    Object.entries(states).flatMap(([state, count]) =>
      Array.from({ length: count }, (_, at) => ({ lga: `${state} LGA ${at + 1}`, state, zone })),
    ),
  );
}

function shuffled<T>(items: T[], chance: () => number): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(chance() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}

/** Draws an index by weight. */
function picker(weights: readonly number[], chance: () => number): () => number {
  const sums: number[] = [];
  let total = 0;
  for (const weight of weights) sums.push((total += weight));
  return () => {
    const drawn = chance() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

const COLUMNS = [
  'id',
  'track',
  'lga',
  'state',
  'zone',
  'skill',
  'activity',
  'gender',
  'can_lead',
  'availability',
  'languages',
  'must_with',
  'must_not_with',
  'pinned',
  'previous_group',
] as const;

/** Writes a roster as the command reads it. */
export async function writeRoster(path: string, people: Iterable<FormationPerson>): Promise<void> {
  await pipeline(rosterLines(people), createWriteStream(path));
}

function* rosterLines(people: Iterable<FormationPerson>): Generator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for (const person of people) {
    const { place } = person;
    const fields = [
      person.id,
      person.track,
      place.lga,
      place.state,
      place.zone,
      person.skill,
      person.activity,
      person.gender,
      person.canLead ? 1 : 0,
      person.availability,
      person.languages.join(';'),
      person.mustWith.join(';'),
      person.mustNotWith.join(';'),
      person.pinned ? 1 : '',
      person.previousGroup,
    ];
    yield `${fields.map((field) => field ?? '').join(',')}\n`;
  }
}
