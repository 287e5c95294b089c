import { readFileSync } from 'node:fs';
import { chmod, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/**
 * Who serves a data directory. This file only names the process in messages; what keeps a second one out is the
 * engine's kernel lock on mongod.lock, which ends with its process and therefore is never stale.
 */
const Owner = z.object({
  pid: z.number().int().positive(),
  born: z.string().nullable(),
  since: z.string(),
  /** Where its engine answers, for commands that run beside it. */
  uri: z
    .string()
    .regex(/^mongodb:\/\/(127\.0\.0\.1|localhost|%2F[^@,/]+)(:\d+)?(\/[^@]*)?$/)
    .nullable()
    .default(null),
});
export type Owner = z.infer<typeof Owner>;

const fileOf = (directory: string): string => path.join(directory, 'owner.json');

export async function writeOwner(directory: string, uri: string): Promise<void> {
  const since = new Date().toISOString();
  const owner: Owner = { pid: process.pid, born: birthOf(process.pid), since, uri };
  await writeFile(fileOf(directory), JSON.stringify(owner), { mode: 0o600 });
  // The mode above holds only where the file is new.
  await chmod(fileOf(directory), 0o600);
}

export async function removeOwner(directory: string): Promise<void> {
  await rm(fileOf(directory), { force: true });
}

/** The living process that serves this directory; null where none is known or it has died. */
export async function findOwner(directory: string): Promise<Owner | null> {
  const text = await readOwn(fileOf(directory)).catch(() => '');
  const owner = Owner.safeParse(parse(text));
  return owner.success && lives(owner.data) ? owner.data : null;
}

/** Only what this user wrote, and nobody else could: commands send the database's secrets to the address in it. */
async function readOwn(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { uid, mode } = await handle.stat();
    const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return own ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A number alone proves nothing, since the system gives it again; with the time of birth it does. */
function lives({ pid, born }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return born === null || birthOf(pid) === born;
}

/** Ticks since boot at which a process began (proc(5), field 22); null where the system does not tell. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
