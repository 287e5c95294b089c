import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { seal, unseal } from '../../src/lti/sealed.ts';

const key = createHash('sha256').update('one').digest();
const otherKey = createHash('sha256').update('other').digest();

test('a sealed secret opens under its key and purpose', () => {
  expect(unseal([otherKey, key], 'purpose', seal(key, 'purpose', 'sécret'))).toBe('sécret');
});

test('the same secret is sealed differently each time', () => {
  expect(seal(key, 'purpose', 'secret')).not.toBe(seal(key, 'purpose', 'secret'));
});

test('a sealed secret does not open under another key or purpose, nor when it was changed', () => {
  const sealed = seal(key, 'purpose', 'secret');
  expect(() => unseal([otherKey], 'purpose', sealed)).toThrow('another ENCRYPTION_KEY');
  expect(() => unseal([key], 'other', sealed)).toThrow();
  expect(() =>
    unseal([key], 'purpose', `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`),
  ).toThrow();
  expect(() => unseal([key], 'purpose', 'plain text')).toThrow('Not a sealed value');
});
