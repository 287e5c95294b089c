import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSafeUrl, safeFetch, type SafeFetchOptions } from '../../src/lti/safe-fetch.ts';

const answers: RequestListener = (req, res) => {
  if (req.url === '/moved') res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  else if (req.url === '/big') res.end('x'.repeat(5000));
  else if (req.url === '/silent') return;
  else if (req.url === '/echo') res.end(`${req.method ?? ''} ${req.headers['user-agent'] ?? ''}`);
  else res.writeHead(404, { link: ['<a>; rel="next"', '<b>; rel="differences"'] }).end('gone');
};

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer(answers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const inside: SafeFetchOptions = { allowPrivateNetwork: true };
const outside: SafeFetchOptions = { allowPrivateNetwork: false };

describe('safeFetch', () => {
  test('answers with status, joined headers and text, whatever the status', async () => {
    const answer = await safeFetch(`${base}/none`, inside);
    expect(answer).toMatchObject({ status: 404, text: 'gone' });
    expect(answer.headers['link']).toBe('<a>; rel="next", <b>; rel="differences"');
  });

  test('says who calls, as Canvas requires', async () => {
    expect((await safeFetch(`${base}/echo`, { ...inside, method: 'POST', body: '' })).text).toMatch(
      /^POST peer-group\//,
    );
  });

  test.each([
    ['a redirect', '/moved', {}, 'redirect_refused'],
    ['an answer that is too long', '/big', { maxBytes: 4999 }, 'too_large'],
    ['an answer that does not come', '/silent', { timeoutMs: 100 }, 'timeout'],
  ])('refuses %s', async (_what, path, more, code) => {
    await expect(safeFetch(base + path, { ...inside, ...more })).rejects.toMatchObject({ code });
  });

  test('reports a closed port as a network failure', async () => {
    await expect(safeFetch('http://127.0.0.1:1/', inside)).rejects.toMatchObject({ code: 'network' });
  });

  test.each([
    ['https://127.0.0.1/'],
    ['https://10.1.2.3/'],
    ['https://192.168.0.1/'],
    ['https://100.64.0.1/'],
    ['https://169.254.169.254/latest/meta-data'],
    ['https://[::1]/'],
    ['https://[fd00::1]/'],
    ['https://[::ffff:127.0.0.1]/'],
    ['https://2130706433/'],
    ['https://0x7f.1/'],
    ['https://0.0.0.0/'],
    ['https://[64:ff9b::7f00:1]/'],
  ])('refuses the literal address %s from outside', async (address) => {
    await expect(safeFetch(address, outside)).rejects.toMatchObject({ code: 'address_refused' });
    expect(isSafeUrl(address, false)).toBe(false);
  });

  test('refuses a name that resolves to loopback, at the connection', async () => {
    await expect(safeFetch('https://localhost:1/', outside)).rejects.toMatchObject({
      code: 'address_refused',
    });
  });

  test('never reaches link-local addresses, even where private networks are allowed', async () => {
    await expect(safeFetch('http://169.254.169.254/', inside)).rejects.toMatchObject({
      code: 'address_refused',
    });
  });

  test.each([
    ['http://example.org/', 'https_required'],
    ['ftp://example.org/', 'url_invalid'],
    ['https://user:secret@example.org/', 'url_invalid'],
    ['javascript:alert(1)', 'url_invalid'],
    ['not an address', 'url_invalid'],
  ])('refuses %s', async (address, code) => {
    await expect(safeFetch(address, outside)).rejects.toMatchObject({ code });
  });
});
