import { describe, expect, it } from '@jest/globals';
import { NIGERIAN_PLACES, placeKey } from '../../src/course/places/places.ts';

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
