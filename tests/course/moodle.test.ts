import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SYNC } from '../../src/course/roster/sync.job.ts';
import { courseIdOf, personIdOf } from '../../src/course/identity.ts';
import { CLAIM } from '../../src/lti/claims.ts';
import { courseScope, type CourseScope } from '../../src/scope.ts';
import { type LocalPlatform, startLocalPlatform } from '../lti/support/local-platform.ts';
import { type House, openHouse } from '../support/house.ts';
import { textOf } from '../support/http.ts';

const MOODLE = 'http://localhost:8081';
const MEMBERSHIPS = '/mod/lti/services.php/CourseSection/2/bindings/1/memberships';
type Claims = Record<string, unknown>;
type Opened = { readonly status: number; readonly text: string; readonly to: string | null };

/** A recording of a Moodle 4.5, at the address where it is played. */
function recorded(name: string, url: string): Record<string, unknown> {
  const file = new URL(`../fixtures/moodle-4.5/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8').replaceAll(MOODLE, url)) as Record<string, unknown>;
}

let house: House;
let moodle: LocalPlatform;
let scope: CourseScope;
let platformId: string;
beforeAll(async () => {
  moodle = await startLocalPlatform();
  house = await openHouse();
  ({ id: platformId } = await house.services.door.platforms.register(moodle.registration()));
  scope = courseScope(courseIdOf(platformId, '1', '2'));
  moodle.answers['/token'] = ({ body }) => ({
    body: { access_token: 't', expires_in: 3600, scope: new URLSearchParams(body).get('scope') },
  });
  const roster = recorded('nrps-all', moodle.issuer);
  moodle.answers[MEMBERSHIPS] = {
    status: roster['status'] as number,
    headers: roster['headers'] as Record<string, string>,
    body: roster['body'],
  };
});
afterAll(async () => {
  await house.close();
  await moodle.close();
});

/** Launches as recorded, but for what makes a launch this one: its time, nonce, client and target. */
async function launch(name: string): Promise<Opened> {
  const claims = recorded(name, moodle.issuer)['claims'] as Claims;
  const target = `${house.url}/lti/launch`;
  const query = { iss: moodle.issuer, login_hint: 'h', target_link_uri: target, client_id: 'client-1' };
  const login = await fetch(`${house.url}/lti/login?${new URLSearchParams(query).toString()}`, {
    redirect: 'manual',
  });
  const asked = new URL(login.headers.get('location') ?? 'http://none.invalid').searchParams;
  const iat = Math.floor(Date.now() / 1000);
  const idToken = await moodle.sign({
    ...claims,
    aud: 'client-1',
    nonce: asked.get('nonce'),
    iat,
    exp: iat + 60,
    [CLAIM.targetLinkUri]: target,
  });
  const launched = await fetch(target, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(login) },
    body: new URLSearchParams({ state: asked.get('state') ?? '', id_token: idToken }),
  });
  const address = launched.headers.get('location');
  if (address === null) throw new Error(`${launched.status}: ${textOf(await launched.text())}`);
  const page = await fetch(new URL(address, house.url), {
    redirect: 'manual',
    headers: { cookie: cookiesOf(launched) },
  });
  const to = page.headers.get('location')?.replace(/^\/l\/[\w-]+/, '') ?? null;
  return { status: page.status, text: textOf(await page.text()), to };
}
const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const person = (sub: string) => house.services.course.enrolments.find(scope, personIdOf(platformId, sub));

describe('A recorded Moodle 4.5', () => {
  it('opens the course home for the editing teacher, with the course and its services', async () => {
    const page = await launch('launch-resource-link-cm1');
    expect(page.status).toBe(200);
    expect(page.text).toContain('3MTT Data Science (3MTT-DS)');
    expect(page.text).toContain('Welcome, Cm1');
    expect(await house.services.course.courses.select(scope)).toMatchObject({
      services: { membershipsUrl: moodle.issuer + MEMBERSHIPS },
    });
  });

  it('lets the non-editing teacher in as Community Manager only until a roster says Learner', async () => {
    await launch('launch-resource-link-mentor1');
    expect(await person('4')).toMatchObject({ launchRole: 'instructor', role: 'manager' });
    const job = { kind: SYNC, courseId: scope.courseId, key: scope.courseId, payload: { mayVanish: 0 } };
    await house.services.jobs.enqueue(job);
    await house.services.jobs.runDue();
    expect(await person('4')).toMatchObject({ rosterRole: 'learner', role: 'mentor' });
    expect(await person('3')).toMatchObject({ rosterRole: 'instructor', role: 'manager' });
    expect((await launch('launch-resource-link-mentor1')).text).toContain('Here is where the course stands.');
  });

  it('lists 60 fellows, and the teachers are none of them', async () => {
    const { enrolments } = house.services.course;
    expect(await enrolments.count(scope, { state: 'active' })).toBe(62);
    expect(await enrolments.count(scope, { state: 'active', role: 'fellow' })).toBe(60);
  });

  it('asks a fellow for track and place at once while nobody has a group', async () => {
    const page = await launch('launch-resource-link-fellow001');
    expect(page).toMatchObject({ status: 200, to: null });
    expect(page.text).toContain('Tell us your track and where you are');
    expect(await person('5')).toMatchObject({ name: 'Fellow001 Fellow', role: 'fellow', number: 3 });
  });
});
