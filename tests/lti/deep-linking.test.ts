import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { jwtVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { CLAIM } from '../../src/lti/claims.ts';
import { moodle, ROLE } from './support/builders.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

const LINEITEM_SCOPE = 'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem';

let lms: LocalPlatform;
let tool: Tool;
beforeAll(async () => {
  lms = await startLocalPlatform();
  tool = await startTool();
  await tool.door.platforms.register(lms.registration());
});
afterAll(async () => {
  await tool.close();
  await lms.close();
});
beforeEach(() => {
  tool.launches.length = 0;
});

const request = (settings: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  [CLAIM.messageType]: 'LtiDeepLinkingRequest',
  [CLAIM.resourceLink]: undefined,
  [CLAIM.roles]: [ROLE.instructor],
  [CLAIM.deepLinkingSettings]: {
    deep_link_return_url: `${lms.issuer}/return?course=2`,
    accept_types: ['ltiResourceLink'],
    data: 'opaque',
    ...settings,
  },
  ...more,
});
const ticketIn = (page: string) => /name="ticket" value="([\w-]+)"/.exec(page)?.[1] ?? '';

async function offered(settings?: Record<string, unknown>, more?: Record<string, unknown>) {
  const answer = await tool.launch(lms, request(settings, more));
  const page = await answer.text();
  return { answer, page, ticket: ticketIn(page) };
}
const choose = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${tool.address}/lti/deep-link`, { method: 'POST', headers, body: new URLSearchParams(fields) });

/** What the platform gets: verified with our published keys, for it alone. */
async function answered(answer: Response) {
  const page = await answer.text();
  const action = /action="([^"]+)" id="answer"/.exec(page)?.[1] ?? '';
  const token = /name="JWT" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const keys = (await (await fetch(`${tool.address}/lti/keys`)).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer: 'client-1',
    audience: lms.issuer,
    algorithms: ['RS256'],
  });
  return { action, payload, items: payload[CLAIM.deepLinkingItems] as Record<string, unknown>[] };
}

describe('the offer is refused', () => {
  test.each([[ROLE.learner], [''], ['http://example.org/roles#Gardener']])('to role %j', async (role) => {
    const { answer, page } = await offered({}, { [CLAIM.roles]: [role] });
    expect(answer.status).toBe(403);
    expect(page).toContain('Only a teacher can put this tool into a course');
  });

  test.each([
    'https://evil.example/return',
    'javascript:alert(1)',
    'http://127.0.0.1.evil.example/return',
    'data:text/html,x',
    '//127.0.0.1/return',
    '',
    undefined,
    7,
  ])('where its answer would go to %s', async (deep_link_return_url) => {
    const answer = await tool.launch(lms, request({ deep_link_return_url }));
    expect([answer.status, await tool.codeOf(answer)]).toEqual([400, 'lti_deep_linking_settings']);
  });

  test('where it says nothing of where its answer goes', async () => {
    const answer = await tool.launch(lms, request({}, { [CLAIM.deepLinkingSettings]: undefined }));
    expect(await tool.codeOf(answer)).toBe('lti_deep_linking_settings');
  });
});

describe('staff choose what to place', () => {
  test('My Peer Group: one link, signed for this platform, posted to its own page with the query kept', async () => {
    const { answer, ticket } = await offered();
    expect(answer.status).toBe(200);
    const { action, payload, items } = await answered(await choose({ ticket, target: '/' }));
    expect(action).toBe(`${lms.issuer}/return?course=2`);
    expect(payload).toMatchObject({
      [CLAIM.messageType]: 'LtiDeepLinkingResponse',
      [CLAIM.version]: '1.3.0',
      [CLAIM.deploymentId]: '1',
      [CLAIM.deepLinkingData]: 'opaque',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(310);
    expect(items).toEqual([
      { type: 'ltiResourceLink', title: 'My Peer Group', url: `${tool.origin}/lti/launch` },
    ]);
    expect(tool.launches).toEqual([]);
  });

  test('another page that a room offers, whose link opens it', async () => {
    const { page, ticket } = await offered();
    expect(page).toContain('type="radio" name="target" value="/group/meetups"');
    const { items } = await answered(await choose({ ticket, target: '/group/meetups' }));
    const url = `${tool.origin}/lti/launch?open=%2Fgroup%2Fmeetups`;
    expect(items).toEqual([{ type: 'ltiResourceLink', title: 'Meetups', url }]);
    await tool.launch(lms, { [CLAIM.targetLinkUri]: url }, {}, { target_link_uri: url });
    expect(tool.launches[0]?.opens).toBe('/group/meetups');
  });

  test('several, only where the platform takes several', async () => {
    const both = { 'target /': '1', 'target /group/meetups': '1' };
    const many = await offered({ accept_multiple: true });
    expect(many.page).toContain('type="checkbox" name="target /group/meetups"');
    const { items } = await answered(await choose({ ticket: many.ticket, ...both }));
    expect(items).toHaveLength(2);
    const one = await offered();
    expect(await tool.codeOf(await choose({ ticket: one.ticket, ...both }))).toBe('lti_request_malformed');
  });

  test.each(['/nowhere', '', '//evil.example', '/group/meetups/x'])('nothing else: %j', async (target) => {
    const { ticket } = await offered();
    expect(await tool.codeOf(await choose({ ticket, target }))).toBe('lti_request_malformed');
  });

  test('or nothing: a cancelled choice has no items', async () => {
    const { ticket } = await offered();
    const { items, payload } = await answered(await choose({ ticket, target: '/', cancel: '1' }));
    expect(items).toEqual([]);
    expect(payload[CLAIM.deepLinkingError]).toBeUndefined();
  });

  test('and data that the platform did not send is not made up', async () => {
    const { ticket } = await offered({ data: undefined });
    const { payload } = await answered(await choose({ ticket, target: '/' }));
    expect(payload).not.toHaveProperty([CLAIM.deepLinkingData]);
  });

  test('in a window of its own, where the platform shows links in no other way', async () => {
    const { ticket } = await offered({ accept_presentation_document_targets: ['window'] });
    const { items } = await answered(await choose({ ticket, target: '/' }));
    expect(items[0]).toMatchObject({ window: { targetName: 'peer-group' } });
  });

  test('not at all, where the platform takes no links: it is told why', async () => {
    const { page, ticket } = await offered({ accept_types: ['file', 'html'] });
    expect(page).toContain('Peer Group has nothing else to give');
    const { items, payload } = await answered(await choose({ ticket, target: '/' }));
    expect(items).toEqual([]);
    expect(payload[CLAIM.deepLinkingError]).toContain('nothing else to give');
  });
});

describe('a gradebook column', () => {
  const column = {
    label: 'Peer participation',
    scoreMaximum: 100,
    resourceId: 'participation',
    tag: 'participation',
  };
  const grading = { [CLAIM.gradeService]: { scope: [LINEITEM_SCOPE], lineitems: 'https://x' } };

  test.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['comes along where the platform takes one', { accept_lineitem: true }, {}, true],
    ['comes along where it does not say, but lets us make columns (Moodle)', {}, grading, true],
    ['stays away where it takes none', { accept_lineitem: false }, grading, false],
    ['stays away where nothing speaks for it', {}, {}, false],
  ])('%s', async (_what, settings, more, comes) => {
    const { page, ticket } = await offered(settings, more);
    expect(page.includes('name="column"')).toBe(comes);
    // Staff ask for it: a course that was posted to has it already.
    expect(page).not.toMatch(/name="column"[^>]*checked/);
    const { items } = await answered(await choose({ ticket, target: '/', column: '1' }));
    expect(items[0]?.['lineItem']).toEqual(comes ? column : undefined);
  });

  test('stays away where staff leave it out', async () => {
    const { ticket } = await offered({ accept_lineitem: true });
    const { items } = await answered(await choose({ ticket, target: '/' }));
    expect(items[0]).not.toHaveProperty('lineItem');
  });

  test('belongs to My Peer Group alone', async () => {
    const { ticket } = await offered({ accept_lineitem: true });
    const { items } = await answered(await choose({ ticket, target: '/group/meetups', column: '1' }));
    expect(items[0]).not.toHaveProperty('lineItem');
  });
});

describe('the choice', () => {
  test('is made once, even by two taps at the same instant', async () => {
    const { ticket } = await offered();
    const answers = await Promise.all(Array.from({ length: 5 }, () => choose({ ticket, target: '/' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect(await tool.codeOf(await choose({ ticket, target: '/' }))).toBe('lti_ticket_unknown');
  });

  test('is made within half an hour', async () => {
    const { ticket } = await offered();
    tool.clock.advance(30 * 60_000);
    expect(await tool.codeOf(await choose({ ticket, target: '/' }))).toBe('lti_ticket_unknown');
    tool.clock.reset();
  });

  test('is made on our own page', async () => {
    const { ticket } = await offered();
    const foreign = await choose({ ticket, target: '/' }, { 'sec-fetch-site': 'cross-site' });
    expect([foreign.status, await tool.codeOf(foreign)]).toEqual([403, 'lti_proof_foreign']);
    expect((await choose({ ticket, target: '/' }, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('is not made with the ticket of a launch, nor after the platform was switched off', async () => {
    expect(await tool.codeOf(await choose({ ticket: 'x'.repeat(32), target: '/' }))).toBe(
      'lti_ticket_unknown',
    );
    const { ticket } = await offered();
    const [platform] = await tool.door.platforms.list();
    await tool.door.platforms.set(platform?.id ?? '', { state: 'disabled' });
    expect(await tool.codeOf(await choose({ ticket, target: '/' }))).toBe('lti_ticket_unknown');
    await tool.door.platforms.set(platform?.id ?? '', { state: 'active' });
  });

  test('is framed by the platform, and its form may end on the platform', async () => {
    const { ticket } = await offered();
    const policy = (await choose({ ticket, target: '/' })).headers.get('content-security-policy');
    expect(policy).toContain(`frame-ancestors 'self' ${lms.issuer}`);
    expect(policy).toContain("form-action 'self' https:");
  });
});

test('a recorded Moodle request is answered in its terms', async () => {
  const recorded = moodle('launch-deep-linking-cm1').claims;
  const settings = recorded[CLAIM.deepLinkingSettings] as Record<string, unknown>;
  const { page } = await offered(
    {
      ...settings,
      deep_link_return_url: `${lms.issuer}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=9`,
    },
    { [CLAIM.gradeService]: recorded[CLAIM.gradeService] },
  );
  expect(page).toContain('type="checkbox" name="target /"');
  const { action, items } = await answered(
    await choose({ ticket: ticketIn(page), 'target /': '1', column: '1' }),
  );
  expect(action).toBe(`${lms.issuer}/mod/lti/contentitem_return.php?course=2&amp;id=1&amp;sesskey=9`);
  expect(items[0]).toMatchObject({ lineItem: { scoreMaximum: 100 } });
});
