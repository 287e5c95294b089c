import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isReachable } from '../../src/lti/reachable.ts';
import { isSafeUrl, safeFetch, type SafeFetchOptions } from '../../src/lti/safe-fetch.ts';

const answers: RequestListener = (req, res) => {
  if (req.url === '/moved') res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  else if (req.url === '/big') res.end('x'.repeat(5000));
  else if (req.url === '/silent') return;
  else if (req.url === '/half') res.write('the beginning, and then nothing');
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
    ['an answer that does not end', '/half', { timeoutMs: 100 }, 'timeout'],
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
    ['https://[::7f00:1]/'],
    ['https://[2002:7f00:1::]/'],
  ])('refuses the literal address %s from outside', async (address) => {
    await expect(safeFetch(address, outside)).rejects.toMatchObject({ code: 'address_refused' });
    expect(isSafeUrl(address, false)).toBe(false);
  });

  test('refuses a name that resolves to loopback, at the connection', async () => {
    await expect(safeFetch('https://localhost:1/', outside)).rejects.toMatchObject({
      code: 'address_refused',
    });
  });

  test.each([
    ['169.254.169.254'],
    ['169.254.170.2'],
    ['2852039166'],
    ['0xa9.0xfe.0xa9.0xfe'],
    ['0251.0376.0251.0376'],
    ['100.100.100.200'],
    ['168.63.129.16'],
    ['192.0.0.192'],
    ['[fe80::a9fe:a9fe]'],
    ['[fd00:ec2::254]'],
    ['[fd20:ce::254]'],
    ['[::ffff:169.254.169.254]'],
    ['[::ffff:0:169.254.169.254]'],
    ['[::169.254.169.254]'],
    ['[64:ff9b::169.254.169.254]'],
    ['[64:ff9b:1::169.254.169.254]'],
    ['[2002:a9fe:a9fe::]'],
    ['[::ffff:100.100.100.200]'],
  ])('never reaches a cloud’s metadata at %s, even where private networks are allowed', async (host) => {
    const refused = { code: 'address_refused' };
    await expect(safeFetch(`http://${host}/latest/meta-data`, inside)).rejects.toMatchObject(refused);
    expect(isSafeUrl(`http://${host}/`, true)).toBe(false);
  });

  test('never reaches link-local addresses by a name, even where private networks are allowed', () => {
    expect(isReachable('169.254.169.254', true)).toBe(false);
    expect(isReachable('fe80::1%eth0', true)).toBe(false);
    expect(
      ['127.0.0.1', '10.0.0.7', '100.64.0.1', 'fd12::7', '::1'].map((one) => isReachable(one, true)),
    ).toEqual(Array(5).fill(true));
    expect(isReachable('2c0f:f248::1', false)).toBe(true);
  });

  test('ends when the caller gives it up, before it begins or while it waits', async () => {
    const gone = { ...inside, signal: AbortSignal.abort() };
    await expect(safeFetch(`${base}/silent`, gone)).rejects.toMatchObject({ code: 'network' });
    const caller = new AbortController();
    const call = safeFetch(`${base}/half`, { ...inside, signal: caller.signal });
    setImmediate(() => caller.abort());
    await expect(call).rejects.toMatchObject({ code: 'network' });
  });

  test('hangs on no signal that Node may have collected: it ends by a timer and a controller of its own', () => {
    const source = readFileSync('src/lti/safe-fetch.ts', 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    expect(source).not.toMatch(/AbortSignal\.(any|timeout)\(/);
  });

  test('leaves no listener on a signal that outlives many calls', async () => {
    const caller = new AbortController();
    for (let times = 0; times < 20; times += 1)
      await safeFetch(`${base}/none`, { ...inside, signal: caller.signal });
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
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
