import { describe, expect, it } from '@jest/globals';
import { readPlaceCsv } from '../../src/course/places/place-csv.ts';
import { hasPlace, NIGERIAN_PLACES, placeKey, placesOf } from '../../src/course/places/places.ts';

const COUNTS =
  'Abia 17, Adamawa 21, Akwa Ibom 31, Anambra 21, Bauchi 20, Bayelsa 8, Benue 23, Borno 27, Cross River 18, Delta 25, Ebonyi 13, Edo 18, Ekiti 16, Enugu 17, FCT 6, Gombe 11, Imo 27, Jigawa 27, Kaduna 23, Kano 44, Katsina 34, Kebbi 21, Kogi 21, Kwara 16, Lagos 20, Nasarawa 13, Niger 25, Ogun 20, Ondo 18, Osun 30, Oyo 33, Plateau 17, Rivers 23, Sokoto 23, Taraba 16, Yobe 17, Zamfara 14';

describe("Nigeria's places", () => {
  it.each(COUNTS.split(', '))('has the local government areas of %s', (line) => {
    const [, state, count] = /^(.+) (\d+)$/.exec(line) ?? [];
    const row = NIGERIAN_PLACES.states.find((known) => known.state === state);
    expect(row?.lgas).toHaveLength(Number(count));
    expect(new Set(row?.lgas.map(placeKey)).size).toBe(Number(count));
  });

  it('has 37 states in 6 zones with 774 local government areas', () => {
    expect(NIGERIAN_PLACES.states).toHaveLength(37);
    expect(new Set(NIGERIAN_PLACES.states.map(({ zone }) => zone)).size).toBe(6);
    expect(NIGERIAN_PLACES.states.flatMap(({ lgas }) => lgas)).toHaveLength(774);
  });

  it('understands a place however it is written', () => {
    expect(NIGERIAN_PLACES.find({ lga: 'OBIO AKPOR L.G.A', state: 'rivers state' })?.lga).toBe('Obio/Akpor');
    expect(NIGERIAN_PLACES.find({ lga: 'Amac', state: 'Abuja' })?.lga).toBe('Abuja Municipal');
    expect(NIGERIAN_PLACES.find({ state: 'LAGOS STATE' })).toEqual({
      lga: null,
      state: 'Lagos',
      zone: 'South West',
      country: 'Nigeria',
    });
  });

  it('does not guess between equal names in two states, nor across a contradiction', () => {
    expect(NIGERIAN_PLACES.find({ lga: 'Surulere' })).toBeNull();
    expect(NIGERIAN_PLACES.find({ lga: 'Surulere', state: 'Oyo' })?.state).toBe('Oyo');
    expect(NIGERIAN_PLACES.find({ lga: 'Ikeja', state: 'Oyo' })).toBeNull();
  });
});

describe('A list of places by CSV', () => {
  const read = (text: string) => {
    const result = readPlaceCsv(text);
    if ('code' in result) throw new Error(result.code);
    return result;
  };

  it.each([
    ['lga\nIkeja', 'places_no_state_column'],
    ['state,lga\n,Ikeja', 'places_none'],
    ['state\n', 'csv_empty'],
  ])('is refused where it names no state', (text, code) => {
    expect(readPlaceCsv(text)).toMatchObject({ code });
  });

  it.each([
    ['Kenya,Coast,,Likoni', 'place_no_state', 'Likoni'],
    [',Coast,Lamu,', 'place_no_country', 'Lamu'],
    ['Kenya,Rift,Mombasa,Kisauni', 'place_two_zones', 'Mombasa, Rift'],
    ['Kenya,Coast,MOMBASA,likoni', 'place_twice', 'likoni'],
    [`Kenya,Coast,${'x'.repeat(81)},`, 'place_long', 'x'.repeat(60)],
  ])('leaves out and names the line "%s"', (line, code, value) => {
    const { findings, states } = read(`country,zone,state,lga\nKenya,Coast,Mombasa,Likoni\n${line}`);
    expect(findings).toEqual([{ line: 3, code, value }]);
    expect(states).toEqual([{ country: 'Kenya', zone: 'Coast', state: 'Mombasa', lgas: ['Likoni'] }]);
  });

  it('needs no zones and no areas, and counts what it has', () => {
    const { counts, states, ignored } = read('state;people\nUpper;1\nLower;2');
    expect(counts).toEqual({ countries: 0, zones: 0, states: 2, lgas: 0 });
    expect(states.map(({ state }) => state)).toEqual(['Upper', 'Lower']);
    expect(ignored).toEqual(['people']);
  });

  it('keeps equal names in different countries apart', () => {
    const places = placesOf(
      read('country,zone,state,lga\nNigeria,North,Niger,Bida\nNiger,South,Niger,Bida').states,
    );
    expect(places.find({ state: 'Niger' })).toBeNull();
    expect(places.find({ state: 'Niger', lga: 'Bida', country: 'Niger' })?.zone).toBe('South');
    expect(places.find({ country: 'Nigeria' })).toEqual({
      lga: null,
      state: null,
      zone: null,
      country: 'Nigeria',
    });
  });

  it('takes what it wrote itself: Nigeria, line by line', () => {
    const lines = NIGERIAN_PLACES.states.flatMap(({ country, zone, state, lgas }) =>
      lgas.map((lga) => [country, zone, state, lga].join(',')),
    );
    const { counts, findings } = read(['country,zone,state,lga', ...lines].join('\n'));
    expect(findings).toEqual([]);
    expect(counts).toEqual({ countries: 1, zones: 6, states: 37, lgas: 774 });
  });
});

describe('Every place of Nigeria', () => {
  it('is found by its own name within its state, and is there', () => {
    for (const { state, zone, lgas } of NIGERIAN_PLACES.states) {
      for (const lga of lgas) {
        const place = { lga, state, zone, country: 'Nigeria' };
        expect(NIGERIAN_PLACES.find({ lga, state })).toEqual(place);
        expect(hasPlace(NIGERIAN_PLACES, place)).toBe(true);
      }
    }
    expect(hasPlace(NIGERIAN_PLACES, { lga: 'Likoni', state: 'Mombasa', zone: null, country: 'Kenya' })).toBe(
      false,
    );
  });
});
