import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A secret that is made once beside the embedded data, which is its owner's alone. Written aside and linked, so that of
 * two first starts one is taken, and a start that is cut short leaves no half of a secret under its name.
 * @returns 64 hex characters, unless somebody changed the file
 */
export function keptSecret(directory: string, name: string): { file: string; secret: string } {
  const file = path.join(directory, `${name.toLowerCase()}.txt`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  if (!existsSync(file)) {
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  chmodSync(file, 0o600);
  return { file, secret: readFileSync(file, 'utf8').trim() };
}
