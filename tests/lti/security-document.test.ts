import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Titles may move from file to file; that a threat is without its test must not go unseen. */
const titles = readdirSync(path.join(PROJECT_ROOT, 'tests'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.endsWith('security-document.test.ts'))
  .map((name) => readFileSync(path.join(PROJECT_ROOT, 'tests', name), 'utf8').replace(/\s+/g, ' '))
  .join('\n');

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
        expect({ words, there: titles.includes(words) }).toEqual({ words, there: true });
      }
    },
  );
});
