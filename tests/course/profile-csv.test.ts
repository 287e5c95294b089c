import { describe, expect, it } from '@jest/globals';
import { NIGERIAN_PLACES } from '../../src/course/places/places.ts';
import { readProfileCsv } from '../../src/course/uploads/csv.ts';
import { matchRows } from '../../src/course/uploads/matching.ts';

const read = (text: string) => {
  const result = readProfileCsv(text, ['Data Science', 'DevOps'], NIGERIAN_PLACES);
  if ('code' in result) throw new Error(result.code);
  return { ...result, ...result.read(0, result.count) };
};
const one = (heading: string, line: string) => {
  const { rows, findings } = read(`id,${heading}\n1,${line}`);
  return { told: rows[0]?.told, findings };
};
const IKEJA = { lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' };

describe('A line of tracks and places', () => {
  it.each([
    ['track', 'Astrology', 'csv_track_unknown', 'Astrology'],
    ['lga,state', 'Ikeja,Kano', 'csv_place_unknown', 'Ikeja, Kano'],
    ['lga', 'Surulere', 'csv_place_unknown', 'Surulere'],
    ['state,country', 'Lagos,Ghana', 'csv_place_unknown', 'Lagos, Ghana'],
    ['skill', 'high', 'csv_number', 'high'],
    ['activity', '1e999', 'csv_number', '1e999'],
    ['gender', 'x', 'csv_gender', 'x'],
    ['can_lead', 'maybe', 'csv_can_lead', 'maybe'],
    ['availability', '1.001E+20', 'csv_availability', '1.001E+20'],
    ['availability', '010', 'csv_availability', '010'],
  ])('with %s "%s" is named with its fault and takes nothing of it', (heading, line, code, value) => {
    expect(one(heading, line)).toEqual({ told: {}, findings: [{ line: 2, code, value }] });
  });

  it.each([
    ['track', 'data  SCIENCE', { track: 'Data Science' }],
    ['lga,state', 'IKEJA L.G.A,lagos state', IKEJA],
    ['lga,state,zone,country', 'Ikeja,Lagos,Southwest,NG', IKEJA],
    ['zone', 'south-west', { lga: null, state: null, zone: 'South West', country: 'Nigeria' }],
    ['skill', '"32,4"', { skill: 32.4 }],
    ['gender', 'Female', { gender: 'F' }],
    ['can_lead', 'Yes', { canLead: true }],
    ['can_lead', '0', { canLead: false }],
    ['availability', '0'.repeat(20) + '1', { availability: '0'.repeat(20) + '1' }],
    ['languages', 'hausa; ENGLISH;Hausa;Berom', { languages: ['Hausa', 'English', 'Berom'] }],
    ['track,lga', ',', {}],
  ])('with %s "%s" is understood', (heading, line, told) => {
    expect(one(heading, line)).toEqual({ told, findings: [] });
  });

  it('with one fault still gives its other values', () => {
    expect(one('track,state', 'Astrology,Kano').told).toMatchObject({ state: 'Kano' });
  });

  it('says which columns a course does not use yet, and which nobody knows', () => {
    const { later, ignored } = read('id,track,must_with,previous_group,shoe size\n1,DevOps,2,g1,43');
    expect([later, ignored]).toEqual([['must_with', 'previous_group'], ['shoe_size']]);
  });

  it.each([
    ['track\nDevOps', 'csv_no_person_column'],
    ['id,name\n1,Ada', 'csv_no_value_column'],
  ])('needs a column for people and one for values', (text, code) => {
    expect(readProfileCsv(text, [], NIGERIAN_PLACES)).toEqual({ code, params: {} });
  });
});

describe('Whom a line is about', () => {
  const PEOPLE = [
    { personId: 'A', sub: '1', emailFolded: 'ada@x.org', nameFolded: 'ada obi' },
    { personId: 'B', sub: '2', emailFolded: 'shared@x.org', nameFolded: 'bola ade' },
    { personId: 'C', sub: '3', emailFolded: 'shared@x.org', nameFolded: 'bola ade' },
    { personId: 'D', sub: '4', emailFolded: null, nameFolded: 'learner 4' },
  ];
  const find = (...people: readonly [id: string, email: string, name: string][]) => {
    const rows = people.map(([id, email, name], index) => ({
      line: index + 2,
      who: { id, email, name },
      told: { track: 'DevOps' },
    }));
    const { changes, findings } = matchRows(rows, PEOPLE, new Map(), new Set(['8']));
    return [...changes.map(({ personId }) => personId), ...findings.map(({ code }) => code)];
  };
  it.each<[string, [string, string, string], string]>([
    ['an id, whatever else it says', ['1', 'shared@x.org', 'Bola Ade'], 'A'],
    ['an email where the id is unknown', ['9', 'ADA@x.org', ''], 'A'],
    ['a name, without case and accents', ['', '', 'Àda  Obi'], 'A'],
    ['the stand-in of a withheld name', ['', '', 'Learner 4'], 'D'],
    ['an email of two', ['', 'shared@x.org', 'Ada Obi'], 'csv_email_twice'],
    ['a name of two', ['', '', 'Bola Ade'], 'csv_name_twice'],
    ['nobody', ['9', 'no@x.org', 'Nobody'], 'csv_person_unknown'],
    [
      'no name or email of another, where the id is of one who is no fellow now',
      ['8', 'ada@x.org', 'Ada Obi'],
      'csv_person_other',
    ],
    ['nothing', ['', '', ''], 'csv_person_blank'],
  ])('is found by %s', (_what, who, expected) => {
    expect(find(who)).toEqual([expected]);
  });

  it('is taken once: the later line is named with the earlier one', () => {
    expect(find(['1', '', ''], ['', 'ada@x.org', ''])).toEqual(['A', 'csv_person_twice']);
  });
});
