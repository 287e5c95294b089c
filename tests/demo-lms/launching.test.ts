import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { AGS_CLAIM, CLAIM, NRPS_CLAIM } from '../../src/demo-lms/protocol/vocabulary.ts';
import { Browser, textOf } from '../support/http.ts';
import { openLms, type TestLms } from './support/lms.ts';

type Json = Record<string, unknown>;
let house: TestLms;
beforeAll(async () => {
  house = await openLms();
  const { lms } = house;
  await lms.addCourse('c1', 'Course one');
  await lms.addCourse('c2');
  await lms.addPerson('c1', { id: 'ada', name: 'Ada Obi Eze', locality: 'Lagos' });
  await lms.addPerson('c1', { id: 'chidi', name: 'Chidi', role: 'instructor' });
  await lms.addPerson('c1', { id: 'maryam', name: 'Maryam Bello', role: 'mentor' });
  await lms.addPerson('c1', { id: 'root', name: 'Root', role: 'administrator' });
});
afterAll(() => house.close());
beforeEach(() => house.lms.behaviour.reset());

const start = (personId = 'ada', courseId = 'c1') => house.lms.startLaunch({ personId, courseId });
const authorize = async (change: Record<string, string | null> = {}) =>
  fetch(house.tool.authorization(await start(), change));

describe('the login initiation', () => {
  it('names issuer, person, target, client and deployment', async () => {
    const url = new URL(await start());
    expect(url.origin + url.pathname).toBe(`${house.tool.url}/login`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      iss: house.lms.url,
      login_hint: 'ada',
      lti_message_hint: expect.any(String),
      target_link_uri: `${house.tool.url}/launch`,
      client_id: house.tool.clientId,
      lti_deployment_id: '1',
    });
  });

  it('is refused for a link that the course does not have', async () => {
    const wish = { personId: 'ada', courseId: 'c1', linkId: 'c2-peer-group' };
    await expect(house.lms.startLaunch(wish)).rejects.toThrow('link_unknown');
  });
});

test('the page between LMS and tool says without script what to do', async () => {
  const page = await (await authorize()).text();
  const [, words = ''] = /<noscript>([\s\S]*?)<\/noscript>/.exec(page) ?? [];
  expect(textOf(words)).toBe(
    'Opening the tool Your browser does not go on by itself, for it runs no script. Choose the button to open the tool. Open the tool',
  );
});

describe('an authorization request is refused', () => {
  it.each<[string, Record<string, string | null>]>([
    ['without a client', { client_id: null }],
    ['of an unknown client', { client_id: 'nobody' }],
    ['without a redirect address', { redirect_uri: null }],
    ['to an address that is not registered', { redirect_uri: 'https://evil.example/launch' }],
    ['to a registered address with something added', { redirect_uri: 'REGISTERED?x=1' }],
    ['for a code', { response_type: 'code' }],
    ['answered in the address', { response_mode: 'fragment' }],
    ['without a response mode', { response_mode: null }],
    ['with a prompt', { prompt: 'login' }],
    ['for more than OpenID', { scope: 'openid profile' }],
    ['without a state', { state: null }],
    ['without a nonce', { nonce: null }],
    ['without the hint', { lti_message_hint: null }],
    ['with a made-up hint', { lti_message_hint: 'made-up' }],
    ['for another person than the hint’s', { login_hint: 'chidi' }],
  ])('%s', async (_what, change) => {
    const filled = Object.fromEntries(
      Object.entries(change).map(([name, value]) => [
        name,
        value === null ? null : value.replace('REGISTERED', `${house.tool.url}/launch`),
      ]),
    );
    const answer = await authorize(filled);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('id_token');
  });

  it('with a hint that was used, by two at once as well', async () => {
    const login = await start();
    const answers = await Promise.all([
      fetch(house.tool.authorization(login)),
      fetch(house.tool.authorization(login)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('with a hint that has ended', async () => {
    const login = await start();
    house.advance(301_000);
    expect((await fetch(house.tool.authorization(login))).status).toBe(400);
  });

  it('with a nonce that was used', async () => {
    expect((await authorize({ nonce: 'once' })).status).toBe(200);
    expect((await authorize({ nonce: 'once' })).status).toBe(400);
  });

  it('for somebody who is not in the course, or suspended in it', async () => {
    await house.lms.addPerson('c2', { id: 'other', name: 'Other' });
    expect((await fetch(house.tool.authorization(await start('other')))).status).toBe(400);
    const login = await start();
    await house.lms.suspend('c1', 'ada');
    expect((await fetch(house.tool.authorization(login))).status).toBe(400);
    await house.lms.suspend('c1', 'ada', false);
  });

  it('of another browser than the one in which the person opened the tool', async () => {
    const [mine, theirs] = [new Browser(), new Browser()];
    await mine.post(`${house.lms.url}/person`, { person: 'ada' });
    await theirs.post(`${house.lms.url}/person`, { person: 'chidi' });
    const open = `${house.lms.url}/courses/c1/links/c1-peer-group/open`;
    const toTool = async () => (await mine.get(open)).url;
    const refused = await theirs.get(house.tool.authorization(await toTool()).href);
    expect([refused.status, textOf(refused.html)]).toEqual([
      400,
      expect.stringContaining('not the one who opened the tool'),
    ]);
    expect((await mine.get(house.tool.authorization(await toTool()).href)).status).toBe(200);
  });
});

describe('a launch', () => {
  const launch = async (personId = 'ada') => house.tool.launch(await start(personId));

  it('carries the claims that a real Moodle sends, and names that are its own', async () => {
    const file = path.resolve('tests/fixtures/moodle-4.5/launch-resource-link-fellow001.json');
    const recorded = (JSON.parse(readFileSync(file, 'utf8')) as { claims: Json }).claims;
    const ours = await launch();
    const lacking = Object.keys(recorded).filter((name) => !(name in ours));
    // Moodle's own, and an older service.
    expect(lacking.filter((name) => !/lti-bo|claim\/ext$/.test(name))).toEqual([]);
    expect(Object.keys(ours).filter((name) => !(name in recorded))).toEqual([]);
    expect(Number(ours['exp']) - Number(ours['iat'])).toBe(60);
    expect(ours).toMatchObject({
      sub: 'ada',
      name: 'Ada Obi Eze',
      given_name: 'Ada',
      family_name: 'Obi Eze',
      [`${CLAIM}context`]: { id: 'c1', title: 'Course one', type: ['CourseSection'] },
      [`${CLAIM}resource_link`]: { id: 'c1-peer-group', description: '' },
      [`${CLAIM}lis`]: { person_sourcedid: '', course_section_sourcedid: '' },
    });
  });

  it('fills in the variables it knows and leaves the others as they were written', async () => {
    expect((await launch())[`${CLAIM}custom`]).toEqual({
      town: 'Lagos',
      level: '3',
      unknown: '$Moodle.Something',
    });
  });

  it.each([
    ['chidi', 'http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
    ['maryam', 'http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
    ['ada', 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner'],
    ['root', 'http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator'],
  ])('of %s carries the role %s', async (personId, role) => {
    expect((await launch(personId))[`${CLAIM}roles`]).toEqual([role]);
  });

  it('names a coupled column only where there is exactly one', async () => {
    await house.lms.addCourse('c3');
    await house.lms.addPerson('c3', { id: 'ada', name: 'Ada Obi Eze' });
    const claim = async () => (await house.tool.launch(await start('ada', 'c3')))[AGS_CLAIM] as Json;
    expect(await claim()).not.toHaveProperty('lineitem');
    await house.lms.coupleColumn('c3', { label: 'One', scoreMaximum: 100 });
    expect((await claim())['lineitem']).toMatch(/\/lineitem\?type=1$/);
    await house.lms.coupleColumn('c3', { label: 'Two', scoreMaximum: 100 });
    expect(await claim()).not.toHaveProperty('lineitem');
  });

  it('offers no service and tells no name that the tool may not have', async () => {
    const tools = house.lms.store.tools;
    const before = await tools.findOne({ _id: house.tool.clientId });
    await tools.updateOne(
      { _id: house.tool.clientId },
      { $set: { scopes: [], shareName: false, shareEmail: false } },
    );
    const claims = await launch();
    for (const name of [NRPS_CLAIM, AGS_CLAIM, 'name', 'given_name', 'email'])
      expect(claims).not.toHaveProperty([name]);
    await tools.updateOne(
      { _id: house.tool.clientId },
      { $set: { scopes: before?.scopes ?? [], shareName: true, shareEmail: true } },
    );
  });

  it('can be spoilt by a test', async () => {
    house.lms.behaviour.spoil = (claims) => {
      claims['sub'] = 'somebody else';
    };
    expect((await launch())['sub']).toBe('somebody else');
  });

  it('is signed with the newest key, and the one before stays published', async () => {
    await house.lms.rotateKey();
    await launch();
    const { keys } = (await (await fetch(`${house.lms.url}/keys`)).json()) as { keys: Json[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Object.keys(key)).not.toContain('d');
  });
});
