import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MEDIA } from '../../src/demo-lms/protocol/vocabulary.ts';
import type { Answer } from './support/tool.ts';
import { openLms, type TestLms } from './support/lms.ts';

type Member = { user_id: string; name: string; roles: string[]; message?: unknown };
let house: TestLms;
let base: string;
beforeAll(async () => {
  house = await openLms();
  const { lms } = house;
  base = `${lms.url}/services/courses/c1/members?type=1`;
  await lms.addCourse('c1');
  await lms.addPerson('c1', { id: 'chidi', name: 'Chidi', role: 'instructor' });
  await lms.addPerson('c1', { id: 'maryam', name: 'Maryam Bello', role: 'mentor' });
  for (const id of ['f1', 'f2', 'f3', 'f4', 'f5']) await lms.addPerson('c1', { id, name: `Fellow ${id}` });
});
afterAll(() => house.close());
beforeEach(() => house.lms.behaviour.reset());

const get = (url = base, accept: string = MEDIA.members): Promise<Answer> =>
  house.tool.call(url, { headers: { accept } });
const membersOf = ({ body }: Answer): Member[] => (body as { members: Member[] }).members;
const ids = (answer: Answer): string[] => membersOf(answer).map(({ user_id: id }) => id);
const nextOf = ({ headers }: Answer): string | null =>
  /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? null;

describe('the roster is refused', () => {
  it.each(['*/*', 'application/json', `${MEDIA.members}, */*`, `${MEDIA.members}; q=0.9`])(
    'for the media type %s',
    async (accept) => {
      expect((await get(base, accept)).status).toBe(400);
    },
  );
  it('for a course that is not there, another deployment and a foreign link', async () => {
    const urls = [
      base.replace('/c1/', '/nowhere/'),
      base.replace('type=1', 'type=7'),
      `${base}&rlid=c2-peer-group`,
    ];
    for (const url of urls) expect((await get(url)).status).toBe(404);
  });
});

describe('the roster', () => {
  it('comes whole, in its media type, where no limit is asked for', async () => {
    const answer = await get();
    expect(answer.headers.get('content-type')).toContain(MEDIA.members);
    expect(answer.headers.get('link')).toBeNull();
    expect(ids(answer)).toEqual(['chidi', 'maryam', 'f1', 'f2', 'f3', 'f4', 'f5']);
  });

  it('lists a non-editing teacher as Learner, as Moodle does', async () => {
    const roles = Object.fromEntries(membersOf(await get()).map((one) => [one.user_id, one.roles]));
    expect(roles).toMatchObject({ chidi: ['Instructor'], maryam: ['Learner'], f1: ['Learner'] });
  });

  it('escapes names for HTML, as Moodle does', async () => {
    await house.lms.rename('f1', `O'Neil <b> & "Co"`);
    const name = membersOf(await get()).find(({ user_id: id }) => id === 'f1')?.name;
    expect(name).toBe('O&#039;Neil &lt;b&gt; &amp; &quot;Co&quot;');
  });

  it('comes without whoever is suspended', async () => {
    await house.lms.suspend('c1', 'f2');
    expect(ids(await get())).not.toContain('f2');
    await house.lms.suspend('c1', 'f2', false);
    expect(ids(await get())).toContain('f2');
  });

  it('comes in pages where a limit is asked for, each once', async () => {
    const seen: string[] = [];
    for (let url: string | null = `${base}&limit=3`; url !== null;) {
      const answer: Answer = await get(url);
      seen.push(...ids(answer));
      url = nextOf(answer);
    }
    expect(seen).toEqual(['chidi', 'maryam', 'f1', 'f2', 'f3', 'f4', 'f5']);
  });

  it('can be cut to the learners, though the next link forgets that, as on Moodle', async () => {
    const role = encodeURIComponent('http://purl.imsglobal.org/vocab/lis/v2/membership#Learner');
    const answer = await get(`${base}&role=${role}&limit=2`);
    expect(ids(answer)).toEqual(['maryam', 'f1']);
    expect(new URL(nextOf(answer) ?? '').searchParams.has('role')).toBe(false);
  });

  it('carries a message without custom parameters where a link is named', async () => {
    const [first] = membersOf(await get(`${base}&rlid=c1-peer-group`));
    expect(JSON.stringify(first?.message)).toContain('LtiResourceLinkRequest');
    expect(JSON.stringify(first?.message)).not.toContain('custom');
  });

  it('pages as a test wishes, and links where it wishes', async () => {
    house.lms.behaviour.rosterPage = 2;
    expect(ids(await get())).toHaveLength(2);
    house.lms.behaviour.rosterNext = (_next, here) => here;
    expect(nextOf(await get())).toBe(base);
    house.lms.behaviour.rosterBody = () => ({ nonsense: true });
    expect((await get()).body).toEqual({ nonsense: true });
  });
});
