import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Misused } from './form-options.ts';

export type Output = { readonly path: string; readonly chunks: Iterable<string> };
type Target = { readonly path: string; readonly place: string; readonly draft: string | null };

/**
 * Writes all files beside their places first, and puts them there only when all are whole.
 * @throws Misused where one cannot be written
 */
export async function writeAll(outputs: readonly Output[]): Promise<void> {
  const targets: Target[] = [];
  try {
    for (const { path, chunks } of outputs) {
      const target = await refusing(path, () => targetOf(path));
      targets.push(target);
      await refusing(path, () => write(target.draft ?? target.place, chunks));
    }
    for (const { path, place, draft } of targets)
      if (draft !== null) await refusing(path, () => rename(draft, place));
  } finally {
    for (const { draft } of targets) if (draft !== null) await rm(draft, { force: true });
  }
}

/** Where a file really is, and its draft; a device or a pipe has none and is written to as it is. */
async function targetOf(path: string): Promise<Target> {
  const known = await stat(path).catch(() => null);
  if (known?.isDirectory() === true) throw new Error('it is a directory');
  if (known?.isFile() === false) return { path, place: path, draft: null };
  const place = known === null ? join(await realpath(dirname(path)), basename(path)) : await realpath(path);
  return { path, place, draft: join(dirname(place), `.${basename(place)}.${process.pid}.part`) };
}

async function write(path: string, chunks: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const chunk of chunks) await file.appendFile(chunk);
  } finally {
    await file.close();
  }
}

async function refusing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Misused(`${path} cannot be written (${code ?? message}).`);
  }
}
