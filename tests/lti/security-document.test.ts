import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROJECT_ROOT } from '../../src/config.ts';

const text = readFileSync(path.join(PROJECT_ROOT, 'docs/security.md'), 'utf8');
/** A threat's row: what, what stops it, and the tests that show it. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('|') && !line.startsWith('| ---') && !line.startsWith('| Threat'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** "`file` “words”, “words”" */
function namedIn(cell: string): { file: string; words: string }[] {
  return [...cell.matchAll(/`([\w./-]+)`([^`]*)/g)].flatMap(([, file = '', rest = '']) =>
    [...rest.matchAll(/“([^”]+)”/g)].map(([, words = '']) => ({ file, words })),
  );
}

describe('docs/security.md', () => {
  test('lists threats, each with what stops it', () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const [, threat, answer] of rows) expect([threat, answer]).not.toContain('');
  });

  test.each(rows.map(([, threat = '', , cell = '']) => [threat, cell]))(
    'names a test that is there for: %s',
    (_threat, cell) => {
      const named = namedIn(cell);
      expect(named.length).toBeGreaterThan(0);
      for (const { file, words } of named) {
        const address = path.join(PROJECT_ROOT, 'tests', `${file}.test.ts`);
        expect({ file, there: existsSync(address) }).toEqual({ file, there: true });
        expect(readFileSync(address, 'utf8').replace(/\s+/g, ' ')).toContain(words);
      }
    },
  );
});
