import { fold } from '../fold.ts';
import { NIGERIA } from './nigeria.ts';

/** A place as far down the ladder as it is known: LGA, state, zone, country; unknown rungs are null. */
export type Place = {
  readonly lga: string | null;
  readonly state: string | null;
  readonly zone: string | null;
  readonly country: string | null;
};

export type StatePlaces = { readonly state: string; readonly zone: string; readonly lgas: readonly string[] };

/** The places a course knows, and how a person's words are understood as one. */
export type Places = {
  readonly country: string;
  /** By name. */
  readonly states: readonly StatePlaces[];
  /** The place that these words name; null where they name none, or contradict each other. */
  find(words: { readonly lga?: string; readonly state?: string; readonly zone?: string }): Place | null;
};

/** What people write for what the list calls otherwise. */
const STATE_ALIASES: Readonly<Record<string, string>> = {
  abuja: 'FCT',
  'fct abuja': 'FCT',
  'abuja fct': 'FCT',
  'federal capital territory': 'FCT',
  nassarawa: 'Nasarawa',
};
const LGA_ALIASES: Readonly<Record<string, string>> = {
  amac: 'Abuja Municipal',
  'abuja municipal area council': 'Abuja Municipal',
  somolu: 'Shomolu',
  'port harcourt city': 'Port Harcourt',
  obio: 'Obio/Akpor',
};

/** Compared without case, accents, hyphens, slashes and the words every list writes differently. */
export function placeKey(name: string): string {
  return fold(name)
    .replace(/['’ʼ]/g, '')
    .replace(/[-/.,()]+/g, ' ')
    .replace(/\b(local government( area)?|lga|state|l g a)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Builds the lookup over a tree of zones, states and local government areas. */
export function placesOf(
  country: string,
  tree: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Places {
  const states = Object.entries(tree)
    .flatMap(([zone, inZone]) =>
      Object.entries(inZone).map(([state, lgas]) => ({ state, zone, lgas: lgas.split(', ') })),
    )
    .sort((a, b) => (a.state < b.state ? -1 : 1));
  const stateByKey = new Map(states.map((row) => [placeKey(row.state), row]));
  const zoneByKey = new Map(Object.keys(tree).map((zone) => [placeKey(zone), zone]));
  const byLga = new Map<string, { lga: string; row: StatePlaces }[]>();
  for (const row of states) {
    for (const lga of row.lgas) byLga.set(placeKey(lga), [...(byLga.get(placeKey(lga)) ?? []), { lga, row }]);
  }
  const findState = (words: string): StatePlaces | null => {
    const key = placeKey(words);
    return stateByKey.get(placeKey(STATE_ALIASES[key] ?? key)) ?? null;
  };
  return {
    country,
    states,
    find({ lga = '', state = '', zone = '' }) {
      const inState = state.trim() === '' ? null : findState(state);
      if (state.trim() !== '' && inState === null) return null;
      if (lga.trim() !== '') {
        const key = placeKey(lga);
        const found = (byLga.get(placeKey(LGA_ALIASES[key] ?? key)) ?? []).filter(
          ({ row }) => inState === null || row === inState,
        );
        // Equal names in two states are two places: without the state we do not guess.
        const [only, second] = found;
        if (only === undefined || second !== undefined) return null;
        return { lga: only.lga, state: only.row.state, zone: only.row.zone, country };
      }
      if (inState !== null) return { lga: null, state: inState.state, zone: inState.zone, country };
      const inZone = zoneByKey.get(placeKey(zone));
      return inZone === undefined ? null : { lga: null, state: null, zone: inZone, country };
    },
  };
}

export const NIGERIAN_PLACES: Places = placesOf('Nigeria', NIGERIA);
