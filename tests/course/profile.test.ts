import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Course, openSchool, type School, type Visit } from './support/school.ts';

let school: School;
let course: Course & { readonly manager: Visit };
let fellow: Visit;
let count = 0;
const id = (name: string): string => `pf${count}-${name}`;
beforeAll(async () => {
  school = await openSchool();
});
afterAll(() => school.close());
beforeEach(async () => {
  count += 1;
  course = await school.begin(`pf${count}`);
  await course.add(id('ada'), 'Ada Obi');
  fellow = await course.open(id('ada'));
});

const profile = () => school.course.profiles.find(course.scope, fellow.personId);
const settings = (change: object) => school.course.courses.saveSettings(course.scope, change);
const LAGOS = { track: 'DevOps', state: 'Lagos', lga: 'Ikeja' };
/** The option that a select has chosen. */
const chosen = (html: string, name: string): string | undefined => {
  const [select = ''] = new RegExp(`<select id="${name}"[\\s\\S]*?</select>`).exec(html) ?? [];
  const [, value, words] = /<option(?: value="([^"]*)")? selected>([^<]*)/.exec(select) ?? [];
  return value ?? words;
};

describe('A fellow whose track or place is not known', () => {
  it('is asked for them first, and then goes on to the group', async () => {
    expect((await fellow.get('/group')).to).toBe('/me/profile');
    expect((await fellow.get('/me/profile')).text).toContain('Tell us your track and where you are');
    expect((await fellow.post('/me/profile', LAGOS)).to).toBe('/group');
    const group = await fellow.get('/group');
    expect([group.status, group.to]).toEqual([200, null]);
    expect(await profile()).toMatchObject({
      track: 'DevOps',
      lga: 'Ikeja',
      zone: 'South West',
      country: 'Nigeria',
      sources: { track: 'form', state: 'form' },
    });
    expect((await fellow.post('/me/profile', LAGOS)).to).toBe('/me/profile?saved=1');
  });

  it('may go on without, and is not led there once all is known', async () => {
    const { html } = await fellow.get('/me/profile');
    expect(html).toMatch(/href="[^"]*\/group\?later=1"/);
    expect((await fellow.get('/group?later=1')).status).toBe(200);
    await fellow.post('/me/profile', LAGOS);
    expect((await fellow.get('/me/profile')).html).not.toContain('later=1');
  });

  it('is not asked for a track where the course has one for all', async () => {
    await settings({ oneTrack: 'Animation' });
    expect((await fellow.post('/me/profile', { ...LAGOS, track: '' })).to).toBe('/group');
    expect((await fellow.get('/group')).status).toBe(200);
    expect(await profile()).toMatchObject({ track: null, state: 'Lagos' });
  });

  it('may say that their area is not in the list', async () => {
    expect((await fellow.post('/me/profile', { ...LAGOS, lga: '-' })).to).toBe('/group');
    expect(await profile()).toMatchObject({ lga: null, state: 'Lagos' });
    expect(chosen((await fellow.get('/me/profile')).html, 'lga')).toBe('-');
    expect((await fellow.post('/me/profile', { ...LAGOS, lga: '-' })).status).toBe(303);
  });
});

describe('Choosing a place', () => {
  it('takes two steps without script, and keeps what was filled in meanwhile', async () => {
    const first = await fellow.get('/me/profile');
    expect(first.html).not.toContain('id="lga"');
    expect(first.html).toContain('<noscript>');
    const next = await fellow.post('/me/profile', {
      track: 'DevOps',
      state: 'Kano',
      choose: 'place',
      slot: ['4'],
    });
    expect(next.status).toBe(200);
    expect(next.html).toContain('Dawakin Tofa');
    expect(chosen(next.html, 'track')).toBe('DevOps');
    expect(chosen(next.html, 'state')).toBe('Kano');
    expect(next.html).toMatch(/value="4" aria-label="[^"]+" checked/);
    expect(await profile()).toBeNull();
  });

  it('takes one with script: the areas come alone, without the page around them', async () => {
    const part = await fellow.get('/me/profile?state=Kano', { 'hx-request': 'true' });
    expect(part.html).toContain('Dawakin Tofa');
    expect(part.html).not.toContain('<html');
    expect(part.html).toContain('id="place-fields"');
  });

  it('in a list of several countries begins with the country', async () => {
    const { to } = await course.manager.post('/settings/places', {
      text: 'country,state,lga\nKenya,Mombasa,Likoni\nGhana,Ashanti,\n',
    });
    await course.manager.post(to ?? '');
    const first = await fellow.get('/me/profile');
    expect(first.html).toContain('id="country"');
    expect(first.html).not.toContain('id="state"');
    const second = await fellow.get('/me/profile?country=Kenya');
    expect(second.html).toContain('Mombasa');
    expect(second.html).not.toContain('Ashanti');
    const place = { country: 'Kenya', state: 'Mombasa', lga: 'Likoni' };
    expect((await fellow.post('/me/profile', { track: 'DevOps', ...place })).to).toBe('/group');
    expect(await profile()).toMatchObject({ ...place, zone: null });
  });
});

describe('A form with a mistake', () => {
  it.each([
    ['no track', { track: '' }, 'track', 'Choose the track that you learn'],
    ['a track that is not offered', { track: 'Astrology' }, 'track', 'Choose a track from the list'],
    ['no state', { state: '', lga: '' }, 'state', 'Choose where you are'],
    ['a state that is not offered', { state: 'Atlantis' }, 'state', 'Choose one from the list'],
    ['no area', { lga: '' }, 'lga', 'Choose your area in Lagos'],
    ['an area of another state', { lga: 'Dala' }, 'lga', 'Choose your area in Lagos'],
  ])(
    '(%s) comes back with the reason at its field and all that was typed',
    async (_what, change, field, words) => {
      const answer = await fellow.post('/me/profile', {
        ...LAGOS,
        can_lead: 'yes',
        languages: 'Berom',
        slot: ['0', '20'],
        ...change,
      });
      expect(answer.status).toBe(422);
      expect(answer.html).toMatch(
        new RegExp(`id="${field}"[^>]*aria-invalid="true" aria-describedby="${field}-error"`),
      );
      expect(answer.html).toContain(`id="${field}-error">${words}`);
      expect(answer.html).toContain('value="Berom"');
      expect(answer.html).toMatch(/name="can_lead" value="yes" checked/);
      expect(answer.html).toMatch(/value="20" aria-label="[^"]+" checked/);
      expect(await profile()).toBeNull();
    },
  );
});

describe('What else a fellow may say', () => {
  it('is kept with its source and shown again', async () => {
    await fellow.post('/me/profile', {
      ...LAGOS,
      can_lead: 'no',
      gender: 'F',
      language: ['Hausa', 'English'],
      languages: 'Berom; hausa',
      slot: ['0', '20', '99', 'x'],
    });
    expect(await profile()).toMatchObject({
      canLead: false,
      gender: 'F',
      languages: ['Hausa', 'English', 'Berom'],
      availability: `1${'0'.repeat(19)}1`,
      sources: { canLead: 'form', gender: 'form', languages: 'form', availability: 'form' },
    });
    const { html } = await fellow.get('/me/profile');
    expect(html).toMatch(/value="Hausa" checked/);
    expect(html).toContain('name="languages" value="Berom"');
    expect(html).toMatch(/name="gender" value="F" checked/);
  });

  it('may be taken back; what was never said stays open to staff', async () => {
    await fellow.post('/me/profile', { ...LAGOS, slot: ['3'], gender: 'F' });
    await fellow.post('/me/profile', { ...LAGOS, gender: 'none' });
    expect(await profile()).toMatchObject({ availability: null, gender: null });
    const told = { gender: 'F' as const, canLead: true, availability: '1'.repeat(21) };
    await school.course.profiles.tell(course.scope, [{ personId: fellow.personId, told }], 'staff');
    expect(await profile()).toMatchObject({ gender: null, availability: null, canLead: true });
  });

  it('about their gender is shown to nobody else', async () => {
    await fellow.post('/me/profile', { ...LAGOS, gender: 'F' });
    const page = await course.manager.get(`/roster/people/${fellow.personId}`);
    expect(page.text).toContain('DevOps entered by the fellow');
    expect(page.text).not.toMatch(/gender|woman/i);
  });
});

describe('A person whose name the LMS withholds', () => {
  it('is "Learner" and a number, until they say what to be called', async () => {
    school.house.lms.behaviour.spoil = (claims) => {
      for (const name of ['name', 'given_name', 'family_name', 'email']) claims[name] = undefined;
    };
    await course.add(id('nameless'));
    const nameless = await course.open(id('nameless'));
    school.house.lms.behaviour.reset();
    const { number } = await course.person(id('nameless'));
    expect(number).toBeGreaterThan(1);
    expect((await course.manager.get('/roster')).text).toContain(`Learner ${number}`);
    expect((await fellow.get('/me/profile')).html).not.toContain('name="name"');
    const posed = await nameless.post('/me/profile', { ...LAGOS, name: 'Community Manager' });
    expect([posed.status, posed.text.includes('could be taken for one of the staff')]).toEqual([422, true]);
    await nameless.post('/me/profile', { ...LAGOS, name: '  Zainab \u0000 M. ' });
    expect((await course.manager.post('/roster/find', { q: 'zai' })).text).toContain('Zainab M.');
    expect(await course.person(id('nameless'))).toMatchObject({ name: null, chosenName: 'Zainab M.' });
  });
});

describe('The LMS', () => {
  it('may know the place, which the fellow need not say again and may better', async () => {
    await course.add(id('bola'), 'Bola', 'learner', 'Kano');
    const bola = await course.open(id('bola'));
    const known = () => school.course.profiles.find(course.scope, bola.personId);
    expect(await known()).toMatchObject({ state: 'Kano', sources: { state: 'launch' } });
    expect(chosen((await bola.get('/me/profile')).html, 'state')).toBe('Kano');
    await bola.post('/me/profile', LAGOS);
    await course.open(id('bola'));
    expect(await known()).toMatchObject({ state: 'Lagos', sources: { state: 'form' } });
  });
});
