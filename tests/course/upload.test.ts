import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failNext } from '../support/database.ts';
import { type Course, openSchool, type School, type Visit } from './support/school.ts';

let school: School;
let course: Course & { readonly manager: Visit };
let count = 0;
const id = (name: string): string => `up${count}-${name}`;
beforeAll(async () => {
  school = await openSchool();
  await begin();
});
afterAll(() => school.close());

async function begin(): Promise<void> {
  count += 1;
  course = await school.begin(`up${count}`);
  for (const name of ['ada', 'bola', 'chidi']) await course.add(id(name), `${name} fellow`);
  await course.sync();
}

const profileOf = (name: string) => school.course.profiles.find(course.scope, course.personId(id(name)));
const upload = (text: string | Uint8Array) => course.manager.send('/roster/upload', text);
const run = () => school.house.services.jobs.runDue();
/** Uploads, and applies what was read. */
async function take(text: string): Promise<string> {
  const { to } = await upload(text);
  await course.manager.post(to ?? '');
  await run();
  return to ?? '';
}
const GOOD = (): string =>
  `id,email,name,track,lga,state
${id('ada')},,,Data Science,Ikeja,Lagos
,${id('bola')}@lms.example,,devops,Kano Municipal,Kano
,,CHIDI FELLOW,Animation,,Rivers
`;

describe('A file that cannot be read', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['Latin-1', Uint8Array.of(0x69, 0x64, 0x0a, 0xe9), 'not in UTF-8'],
    ['no lines', '', 'no lines'],
    ['no column for people', 'track\nDevOps', 'nobody can be found'],
    ['no column for values', 'id\n1', 'no column with a track or a place'],
    ['an unclosed quotation mark', 'id,track\n1,"DevOps\n', 'In line 2 a quotation mark'],
    ['a column twice', 'id,track,track\n1,2,3', 'Column 3 has the same name'],
    ['too many lines', `id,track\n${'1,DevOps\n'.repeat(50_001)}`, 'more than 50,000 lines'],
  ])('has %s: the form comes back with the reason', async (_what, file, words) => {
    const answer = await upload(file);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    expect(answer.html).toContain('aria-describedby="file-error"');
  });

  it('comes back as it was pasted', async () => {
    const answer = await course.manager.post('/roster/upload', { text: 'id,track\n1,"<b>' });
    expect(answer.status).toBe(422);
    expect(answer.html).toContain('1,&#34;&lt;b&gt;</textarea>');
  });
});

describe('Tracks and places by CSV', () => {
  beforeEach(begin);

  it('are shown line by line and change nothing before they are applied', async () => {
    const { status, to } = await upload(`${GOOD()}nobody,,,DevOps,,\n${id('ada')},,,Animation,,\n`);
    expect(status).toBe(303);
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('3 fellows were found');
    expect(page.text).toContain('Line 5: “nobody” is not a fellow in the roster.');
    expect(page.text).toContain('Line 6: this person is already in line 2, which was used');
    expect(page.text).toMatch(/ada fellow 2 Data Science Ikeja, Lagos, South West/);
    expect(await profileOf('ada')).toBeNull();
  });

  it('are applied as shown, by id, email and name', async () => {
    const to = await take(GOOD());
    expect(await profileOf('ada')).toMatchObject({ track: 'Data Science', lga: 'Ikeja', zone: 'South West' });
    expect(await profileOf('bola')).toMatchObject({ track: 'DevOps', state: 'Kano' });
    expect(await profileOf('chidi')).toMatchObject({ track: 'Animation', lga: null, state: 'Rivers' });
    const page = await course.manager.get(to);
    expect(page.text).toContain('The values of 3 fellows are in');
    const person = await course.manager.get(`/roster/people/${course.personId(id('ada'))}`);
    expect(person.text).toContain('Data Science from a CSV');
  });

  it('take the good values of a line beside the bad ones, and nothing of a line without any', async () => {
    const to = await take(
      `id,track,state\n${id('ada')},Astrology,Kano\n${id('bola')},Astrology,\n${id('chidi')},,\n`,
    );
    expect(await profileOf('ada')).toMatchObject({ track: null, state: 'Kano' });
    expect(await profileOf('bola')).toBeNull();
    const page = await course.manager.get(to);
    expect(page.text).toContain('2 things were not taken');
    expect(page.text).toContain('1 line says nothing about its fellow');
  });

  it.each([
    ['a spreadsheet', '504b0304140006000800', 'This is a spreadsheet such as Excel'],
    ['an old spreadsheet', 'd0cf11e0a1b11ae1', 'This is a spreadsheet such as Excel'],
    ['a picture', '89504e470d0a1a0a', 'This is a picture, not a CSV'],
    ['a photograph', 'ffd8ffe000104a46', 'This is a picture, not a CSV'],
    ['a PDF', '255044462d312e37', 'This is a PDF, not a CSV'],
    ['text in another encoding', '6964e9', 'The file is not in UTF-8'],
  ])('that are %s are refused with what they are and what to do', async (_what, hex, words) => {
    const answer = await course.manager.send('/roster/upload', Buffer.from(hex, 'hex'));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    const places = await course.manager.send('/settings/places', Buffer.from(hex, 'hex'));
    expect(places.text).toContain(words);
  });

  it('give way to what a fellow entered, and say so', async () => {
    const told = { track: 'DevOps', gender: null };
    await school.course.profiles.replace(course.scope, course.personId(id('ada')), told, 'form');
    const to = await take(`id,track,gender,skill\n${id('ada')},Data Science,F,7\n${id('bola')},DevOps,F,7\n`);
    expect(await profileOf('ada')).toMatchObject({ track: 'DevOps', gender: null, skill: 7 });
    const page = await course.manager.get(to);
    expect(page.text).toContain('1 fellow had entered something else, which stays');
    expect(page.text).toContain('ada fellow (line 2): own track, gender');
  });

  it('say which columns are not used', async () => {
    const { to } = await upload(`id,track,pinned,shoe\n${id('ada')},DevOps,1,43\n`);
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('Not used in a course yet, and passed over: pinned');
    expect(page.text).toContain('not known, and were passed over: shoe');
  });

  it('with nothing in them that can be taken cannot be applied', async () => {
    const { to } = await upload('id,track\nnobody,DevOps\n');
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('Nothing in this file can be taken');
    expect(page.html).not.toContain('btn main');
    await course.manager.post(to ?? '');
    expect(await school.house.services.jobs.findLatest(course.scope, 'apply-upload')).toBeNull();
  });

  it('applied twice, or by two clicks at a time, are applied once', async () => {
    const { to } = await upload(GOOD());
    await Promise.all([course.manager.post(to ?? ''), course.manager.post(to ?? '')]);
    await run();
    await school.course.profiles.replace(
      course.scope,
      course.personId(id('ada')),
      { track: 'Animation' },
      'staff',
    );
    await course.manager.post(to ?? '');
    // A worker whose end was lost leaves its job to the next one.
    const uploadId = to?.split('/').at(-1) ?? '';
    const again = { kind: 'apply-upload', courseId: course.scope.courseId, key: 'again' };
    await school.house.services.jobs.enqueue({ ...again, payload: { uploadId } });
    await run();
    expect(await profileOf('ada')).toMatchObject({ track: 'Animation' });
  });

  it('interrupted half way go on by themselves, with progress meanwhile', async () => {
    const { to } = await upload(GOOD());
    await course.manager.post(to ?? '');
    expect((await course.manager.get(to ?? '')).text).toContain('0 of 3 lines done');
    // Written, and its answer lost: nobody knows whether it was.
    await failNext(school.house.database, 'update', 'lost', { times: 1 });
    await run();
    school.pass(60_000);
    await run();
    expect(await profileOf('chidi')).toMatchObject({ track: 'Animation' });
    expect((await course.manager.get(to ?? '')).text).toContain('The values of 3 fellows are in');
  });

  it('never write over what a fellow saves at the same moment', async () => {
    const lines = Array.from({ length: 5 }, () => `id,track,state\n${id('ada')},DevOps,Kano\n`);
    const uploads = await Promise.all(lines.map(upload));
    for (const { to } of uploads) await course.manager.post(to ?? '');
    await Promise.all([
      run(),
      school.course.profiles.replace(
        course.scope,
        course.personId(id('ada')),
        { track: 'Animation' },
        'form',
      ),
    ]);
    expect(await profileOf('ada')).toMatchObject({ track: 'Animation', state: 'Kano' });
  });
});

describe('The template', () => {
  it('names every fellow, survives a spreadsheet, and is taken back as it is', async () => {
    await course.add(id('sum'), '=1+1');
    await course.sync();
    const { html } = await course.manager.get('/roster/template.csv');
    expect(html).toMatch(/^\ufeff?id,email,name,track,lga,state,zone,country,/);
    expect(html).toContain("'=1+1");
    const { to } = await upload(html);
    const page = await course.manager.get(to ?? '');
    expect(page.text).toContain('4 lines say nothing');
    expect(page.text).toContain('Every value in the file was understood');
  });
});
