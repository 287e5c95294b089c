import { beforeEach, describe, expect, test } from '@jest/globals';
import { createKeySets, type KeySets } from '../../src/lti/key-sets.ts';
import { aPlatform } from './support/builders.ts';

const platform = aPlatform();
const keySet = (...kids: string[]) =>
  JSON.stringify({
    keys: [{ kty: 'EC', kid: 'odd' }, 7, ...kids.map((kid) => ({ kty: 'RSA', kid, n: 'n', e: 'AQAB' }))],
  });

let now: number;
let fetched: number;
let answer: () => Promise<string>;
let keySets: KeySets;
const kidsOf = async (kid: string) => {
  const found = await keySets.find(platform, kid);
  return found === 'unavailable' ? found : found.map((key) => key.kid);
};

beforeEach(() => {
  now = 1_000_000;
  fetched = 0;
  answer = () => Promise.resolve(keySet('a'));
  keySets = createKeySets(
    () => {
      fetched += 1;
      return answer();
    },
    () => now,
  );
});

describe('key sets', () => {
  test('are fetched once and kept', async () => {
    await kidsOf('a');
    expect(await kidsOf('a')).toEqual(['a']);
    expect(fetched).toBe(1);
  });

  test('are fetched again once for a new kid, so that keys may rotate', async () => {
    await kidsOf('a');
    answer = () => Promise.resolve(keySet('b'));
    expect(await kidsOf('b')).toEqual(['b']);
    expect(await kidsOf('a')).toEqual([]);
    expect(fetched).toBe(3);
  });

  test('are fetched once for many launches at the same time', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => kidsOf('a')))).toEqual(Array(20).fill(['a']));
    expect(fetched).toBe(1);
  });

  test('are not fetched more than a burst for made-up kids, and again after a while', async () => {
    for (let index = 0; index < 50; index += 1) expect(await kidsOf(`made-up-${index}`)).toEqual([]);
    expect(fetched).toBe(5);
    now += 15_000;
    await kidsOf('made-up');
    expect(fetched).toBe(6);
  });

  test('are fetched again after ten minutes', async () => {
    await kidsOf('a');
    now += 10 * 60_000;
    await kidsOf('a');
    expect(fetched).toBe(2);
  });

  test('known keys outlive an LMS that is away for a while, not for hours', async () => {
    await kidsOf('a');
    answer = () => Promise.reject(new Error('away'));
    now += 30 * 60_000;
    expect(await kidsOf('a')).toEqual(['a']);
    now += 31 * 60_000;
    expect(await kidsOf('a')).toBe('unavailable');
  });

  test.each(['', '[]', '{"keys":1}', 'null'])('are unavailable when the answer is %j', async (text) => {
    answer = () => Promise.resolve(text);
    expect(await kidsOf('a')).toBe('unavailable');
  });
});
