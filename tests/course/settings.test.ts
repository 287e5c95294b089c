import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FIRST_TRACKS } from '../../src/course/courses/settings.ts';
import { type Course, openSchool, type School, type Visit } from './support/school.ts';

let school: School;
let course: Course & { readonly manager: Visit };
let count = 0;
const id = (name: string): string => `set${count}-${name}`;
beforeAll(async () => {
  school = await openSchool();
});
afterAll(() => school.close());
beforeEach(async () => {
  count += 1;
  course = await school.begin(`set${count}`);
  for (const name of ['ada', 'bola']) await course.add(id(name), name);
  await course.sync();
});

const settings = async () => (await school.course.courses.select(course.scope)).settings;
const tell = (name: string, told: object) =>
  school.course.profiles.replace(course.scope, course.personId(id(name)), told, 'form');
const profileOf = (name: string) => school.course.profiles.find(course.scope, course.personId(id(name)));
const form = (change: Readonly<Record<string, string>> = {}) => ({
  tracks: FIRST_TRACKS.join('\n'),
  one_track: '',
  time_zone: 'Africa/Lagos',
  channels: '',
  ...change,
});
const revision = async () => String((await school.course.courses.select(course.scope)).settingsRevision);
const save = async (change: Readonly<Record<string, string>> = {}) =>
  course.manager.post('/settings', form({ revision: await revision(), ...change }));

describe('Settings', () => {
  it("begin with 3MTT's twelve tracks, no track for all, Nigeria's places and Lagos's time", async () => {
    const { html, text } = await course.manager.get('/settings');
    expect(FIRST_TRACKS).toHaveLength(12);
    for (const track of FIRST_TRACKS) expect(html).toContain(track.replace('&', '&amp;'));
    expect(html).toContain('<option selected>Africa/Lagos</option>');
    expect(text).toContain('Nigeria: 37 states with 774 local government areas');
  });

  it('are not saved over what somebody else saved meanwhile, before a person has seen that', async () => {
    const seen = await revision();
    await save({ time_zone: 'Africa/Nairobi' });
    await tell('ada', { track: 'DevOps' });
    const late = { tracks: 'Welding', 'becomes DevOps': 'Welding', channels: 'meet.jit.si Jitsi' };
    const refused = await save({ ...late, revision: seen });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('Somebody else saved settings while you were at it');
    expect(refused.html).toContain('>Welding</textarea>');
    expect(await settings()).toMatchObject({ timeZone: 'Africa/Nairobi', tracks: FIRST_TRACKS });
    expect(await profileOf('ada')).toMatchObject({ track: 'DevOps' });
    expect((await save({ ...late, revision: '' })).status).toBe(409);
    const shown = /name="revision" value="(\d+)"/.exec(refused.html)?.[1] ?? '';
    expect((await save({ ...late, revision: shown })).to).toBe('/settings?saved=1');
    expect(await settings()).toMatchObject({ tracks: ['Welding'] });
    expect(await profileOf('ada')).toMatchObject({ track: 'Welding' });
  });

  it('are kept as they were sent', async () => {
    const change = {
      tracks: ' Welding\nWelding\n\n Tailoring ',
      one_track: 'Welding',
      channels: 'Meet.Jit.si Jitsi',
    };
    expect((await save({ ...change, time_zone: 'Africa/Nairobi' })).to).toBe('/settings?saved=1');
    expect(await settings()).toMatchObject({
      tracks: ['Welding', 'Tailoring'],
      oneTrack: 'Welding',
      channels: [{ host: 'meet.jit.si', label: 'Jitsi' }],
      timeZone: 'Africa/Nairobi',
      placesId: null,
    });
    expect((await course.manager.get('/settings')).html).toContain(
      '<option selected>Africa/Nairobi</option>',
    );
  });

  it.each([
    ['no track', { tracks: ' \n' }, 'tracks', 'needs at least one track'],
    [
      'too many tracks',
      { tracks: Array.from({ length: 61 }, (_, index) => `T${index}`).join('\n') },
      'tracks',
      'More than 60',
    ],
    ['a track too long', { tracks: 'x'.repeat(81) }, 'tracks', '80 characters'],
    [
      'one track that is not in the list',
      { one_track: 'Welding' },
      'one_track',
      'not in the list above any more',
    ],
    ['no such zone', { time_zone: 'Mars/Base' }, 'time_zone', 'Choose a time zone'],
    [
      'a host that is none',
      { channels: 'zoom.us Zoom\nhttps://x y' },
      'channels',
      'Line 2 does not begin with a host',
    ],
  ])(
    'with %s come back with the reason at the field and all that was typed',
    async (_what, change, field, words) => {
      const answer = await save({ channels: 'kept.example Kept', ...change });
      expect(answer.status).toBe(422);
      expect(answer.html).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`));
      expect(answer.text).toContain(words);
      if (!('channels' in change)) expect(answer.html).toContain('kept.example Kept</textarea>');
      expect((await settings()).tracks).toEqual(FIRST_TRACKS);
    },
  );
});

describe('A track that goes while fellows have it', () => {
  const without = { tracks: 'Data Science\nMachine Learning' };
  beforeEach(async () => {
    await tell('ada', { track: 'AI/Machine Learning', state: 'Lagos' });
    await tell('bola', { track: 'Data Science', state: 'Lagos' });
  });

  it('is asked about first: nothing is saved, and nobody loses their track unseen', async () => {
    const answer = await save(without);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('1 fellow has “AI/Machine Learning”');
    expect(answer.html).toContain('name="becomes AI/Machine Learning"');
    expect(answer.html).not.toContain('name="becomes Data Science"');
    expect(answer.html).toContain('Machine Learning</textarea>');
    expect((await settings()).tracks).toEqual(FIRST_TRACKS);
    expect(await profileOf('ada')).toMatchObject({ track: 'AI/Machine Learning' });
  });

  it('becomes another one with its fellows, whose word it stays', async () => {
    const answer = await save({ ...without, 'becomes AI/Machine Learning': 'Machine Learning' });
    expect(answer.to).toBe('/settings?saved=1');
    expect(await profileOf('ada')).toMatchObject({ track: 'Machine Learning', sources: { track: 'form' } });
    expect(await profileOf('bola')).toMatchObject({ track: 'Data Science' });
  });

  it('or is not known any more, and the fellow is asked again', async () => {
    await save({ ...without, 'becomes AI/Machine Learning': '-' });
    expect((await profileOf('ada'))?.track).toBeNull();
    const ada = await course.open(id('ada'));
    expect((await ada.get('/group')).to).toBe('/me/profile');
  });

  it('does not become what is not in the list either', async () => {
    expect((await save({ ...without, 'becomes AI/Machine Learning': 'Welding' })).status).toBe(422);
  });
});

describe("A course's own places", () => {
  const KENYA =
    'country,zone,state,lga\nKenya,Coast,Mombasa,Likoni\nKenya,Coast,Mombasa,Nyali\nKenya,,,Nowhere\n';

  it.each<[string, string | Uint8Array, string]>([
    ['no UTF-8', Uint8Array.of(0x73, 0xe9), 'not in UTF-8'],
    ['no lines', '', 'no lines'],
    ['no state column', 'lga\nLikoni', 'no column state'],
    ['no state at all', 'state,lga\n,Likoni', 'No line of the file names a state'],
    ['an unclosed quotation mark', 'state\nOne\n"Two\n', 'In line 3'],
    ['too many lines', `state\n${'x\n'.repeat(50_001)}`, 'more than 50,000 lines'],
  ])('with %s are refused in the form, and the old ones stay', async (_what, file, words) => {
    const answer = await course.manager.send('/settings/places', file);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    expect((await settings()).placesId).toBeNull();
  });

  it('are shown with what was left out, and whose place they lack, before they are used', async () => {
    await tell('ada', { state: 'Lagos', lga: 'Ikeja', zone: 'South West', country: 'Nigeria' });
    const { to } = await course.manager.send('/settings/places', KENYA);
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('Nothing has changed yet');
    expect(page.text).toContain('Line 4: names no state (“Nowhere”)');
    expect(page.text).toContain('Mombasa, Coast, Kenya Likoni, Nyali');
    expect(page.text).toContain('1 fellow has a place that is not in this list');
    expect(page.text).toContain('Ikeja, Lagos, South West, Nigeria (1)');
    expect((await settings()).placesId).toBeNull();
  });

  it('then hold everywhere: form, CSV, person page and launch', async () => {
    const { to } = await course.manager.send('/settings/places', KENYA);
    await course.manager.post(to ?? '');
    await course.add(id('chidi'), 'Chidi', 'learner', 'mombasa');
    const chidi = await course.open(id('chidi'));
    expect(await profileOf('chidi')).toMatchObject({ state: 'Mombasa', country: 'Kenya' });
    expect((await chidi.get('/me/profile')).html).toContain('<option>Nyali</option>');
    expect((await chidi.post('/me/profile', { track: 'DevOps', state: 'Lagos', lga: 'Ikeja' })).status).toBe(
      422,
    );
    const csv = `id,track,state,lga\n${id('ada')},DevOps,Mombasa,likoni\n${id('bola')},DevOps,Lagos,Ikeja\n`;
    const upload = await course.manager.send('/roster/upload', csv);
    const read = await course.manager.get(upload.to ?? '');
    expect(read.text).toContain('Line 3: the place “Ikeja, Lagos” is not known');
    const person = `/roster/people/${course.personId(id('ada'))}`;
    await course.manager.post(person, { role: '', track: '', state: 'Mombasa', lga: 'Nyali' });
    expect(await profileOf('ada')).toMatchObject({ lga: 'Nyali', zone: 'Coast', sources: { lga: 'staff' } });
  });

  it('keep the places that fellows have, and ask those whose place they lack', async () => {
    await tell('ada', {
      track: 'DevOps',
      state: 'Lagos',
      lga: 'Ikeja',
      zone: 'South West',
      country: 'Nigeria',
    });
    const { to } = await course.manager.send('/settings/places', KENYA);
    await course.manager.post(to ?? '');
    expect(await profileOf('ada')).toMatchObject({ lga: 'Ikeja' });
    const ada = await course.open(id('ada'));
    expect((await ada.get('/group')).status).toBe(200);
    expect((await ada.get('/me/profile')).text).toContain('Your place “Ikeja, Lagos, South West” is not in');
    // Staff who change something else leave the place alone.
    const person = `/roster/people/${course.personId(id('ada'))}`;
    await course.manager.post(person, { role: 'mentor', track: 'DevOps', state: '', lga: '' });
    expect(await profileOf('ada')).toMatchObject({ lga: 'Ikeja', sources: { lga: 'form' } });
  });

  it("go back to Nigeria's with one click", async () => {
    const { to } = await course.manager.send('/settings/places', KENYA);
    await course.manager.post(to ?? '');
    expect((await course.manager.get('/settings')).text).toContain(
      "course's own list: 1 states or regions with 2",
    );
    await course.manager.post('/settings/places/nigeria');
    expect((await settings()).placesId).toBeNull();
    expect((await course.manager.get('/settings')).text).toContain('774');
  });

  it('are downloaded as they are uploaded', async () => {
    const { html } = await course.manager.get('/settings/places.csv');
    const { to } = await course.manager.send('/settings/places', html);
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('Every line was understood');
    expect(page.text).toContain('774');
  });
});
