import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { SCOPES, TOOL_CONFIGURATION } from '../../../src/demo-lms/protocol/vocabulary.ts';

type Json = Record<string, unknown>;
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** A tool that does as the test says: it has keys, registers itself, asks for tokens and calls services. */
export type FakeTool = {
  readonly url: string;
  /** Its published half names no algorithm, as RFC 7517 lets it. */
  readonly privateJwk: JWK;
  clientId: string;
  /** What it tells of itself, for the test to spoil. */
  metadata(change?: Json, configuration?: Json): Json;
  /** Registers with this bearer token. */
  register(token: string | null, body: Json): Promise<Answer>;
  sign(claims: Json, header?: Json, key?: CryptoKey): Promise<string>;
  /** A client assertion's claims, with what the test changes. */
  assertion(change?: Json): Json;
  askToken(fields?: Readonly<Record<string, string>>, assertion?: string): Promise<Answer>;
  /** A token with these scopes, or all. */
  token(scopes?: readonly string[]): Promise<string>;
  call(url: string, init?: RequestInit & { token?: string }): Promise<Answer>;
  /** What a tool sends to the authorization endpoint after this login initiation. */
  authorization(loginUrl: string, change?: Readonly<Record<string, string | null>>): URL;
  /** From a login initiation to the claims that the LMS signs. */
  launch(loginUrl: string): Promise<Json>;
  close(): Promise<void>;
};

export async function startFakeTool(lmsUrl: string, now: () => Date): Promise<FakeTool> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'tool-key', use: 'sig' };
  const privateJwk = await exportJWK(pair.privateKey);
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://tool');
    res.setHeader('content-type', 'application/json');
    if (pathname === '/keys') res.end(JSON.stringify({ keys: [jwk] }));
    else if (pathname === '/lti/register') {
      void tool.register(searchParams.get('registration_token'), tool.metadata()).then(({ status, body }) => {
        tool.clientId = String((body as Json)['client_id']);
        res.writeHead(status).end('{}');
      });
    } else res.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const tool: FakeTool = {
    url,
    privateJwk,
    clientId: '',
    metadata: (change = {}, configuration = {}) => ({
      application_type: 'web',
      response_types: ['id_token'],
      grant_types: ['implicit', 'client_credentials'],
      client_name: 'Test tool',
      initiate_login_uri: `${url}/login`,
      redirect_uris: [`${url}/launch`],
      jwks_uri: `${url}/keys`,
      token_endpoint_auth_method: 'private_key_jwt',
      scope: SCOPES.join(' '),
      [TOOL_CONFIGURATION]: {
        domain: new URL(url).host,
        target_link_uri: `${url}/launch`,
        claims: ['iss', 'sub', 'name', 'email'],
        custom_parameters: { town: '$Person.address.locality', level: '3', unknown: '$Moodle.Something' },
        messages: [{ type: 'LtiResourceLinkRequest' }, { type: 'LtiDeepLinkingRequest' }],
        ...configuration,
      },
      ...change,
    }),
    register: (token, body) =>
      send(`${lmsUrl}/register`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      }),
    sign: (claims, header = {}, key = pair.privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'tool-key', ...header }).sign(key),
    assertion: (change = {}) => {
      const second = Math.floor(now().getTime() / 1_000);
      const claims = { iss: tool.clientId, sub: tool.clientId, aud: `${lmsUrl}/token` };
      return { ...claims, iat: second - 5, exp: second + 60, jti: randomUUID(), ...change };
    },
    async askToken(fields = {}, assertion) {
      const body = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion ?? (await tool.sign(tool.assertion())),
        scope: SCOPES.join(' '),
        ...fields,
      };
      return send(`${lmsUrl}/token`, { method: 'POST', body: new URLSearchParams(body) });
    },
    async token(scopes = SCOPES) {
      const { body } = await tool.askToken({ scope: scopes.join(' ') });
      return String((body as Json)['access_token']);
    },
    async call(address, { token, ...init } = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${token ?? (await tool.token())}`);
      return send(address, { ...init, headers });
    },
    authorization(loginUrl, change = {}) {
      const login = new URL(loginUrl).searchParams;
      const address = new URL(`${lmsUrl}/auth`);
      const parameters: Record<string, string | null> = {
        scope: 'openid',
        response_type: 'id_token',
        response_mode: 'form_post',
        prompt: 'none',
        client_id: tool.clientId,
        redirect_uri: `${url}/launch`,
        state: randomUUID(),
        nonce: randomUUID(),
        login_hint: login.get('login_hint'),
        lti_message_hint: login.get('lti_message_hint'),
        ...change,
      };
      for (const [name, value] of Object.entries(parameters))
        if (value !== null) address.searchParams.set(name, value);
      return address;
    },
    async launch(loginUrl) {
      const answer = await fetch(tool.authorization(loginUrl));
      const token = /name="id_token" value="([^"]+)"/.exec(await answer.text())?.[1];
      if (token === undefined) throw new Error(`No launch: ${answer.status}`);
      return decodeJwt(token);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return tool;
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  const json = (answer.headers.get('content-type') ?? '').includes('json') && text !== '';
  return {
    status: answer.status,
    headers: answer.headers,
    body: json ? (JSON.parse(text) as unknown) : text,
  };
}
