import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian 13; the engine's library wants glibc 2.38 and newer. */
const SUITE = 'trixie';
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const TIME_LIMIT_MS = 120_000;

const ARCHITECTURES: Readonly<Record<string, { readonly folder: string; readonly loader: string }>> = {
  x64: { folder: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { folder: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** A dynamic loader and the folder of its libraries: `loader --library-path libraries node …`. */
export type CLibrary = { readonly loader: string; readonly libraries: string };

/**
 * Debian 13's C library, unpacked into the cache folder from the machine's own Debian mirror; the system stays as it
 * is, and no root is needed. Unpacked aside and renamed, so that neither an interruption nor two starts at once leave
 * half a library under its name.
 * @throws where apt is absent or the mirror does not answer
 */
export async function newerCLibrary(cacheDirectory: string, arch: string): Promise<CLibrary> {
  const architecture = ARCHITECTURES[arch];
  if (architecture === undefined) throw new Error(`no C library is known for ${arch}`);
  const home = path.join(cacheDirectory, `c-library-${SUITE}-${arch}`);
  if (!existsSync(home)) await unpack(cacheDirectory, home);
  const libraries = path.join(home, 'usr', 'lib', architecture.folder);
  return { loader: path.join(libraries, architecture.loader), libraries };
}

async function unpack(cacheDirectory: string, home: string): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true });
  const work = await mkdtemp(path.join(cacheDirectory, 'unpacking-'));
  try {
    const options = await aptOptions(work);
    await run('apt-get', [...options, 'update'], { cwd: work, timeout: TIME_LIMIT_MS });
    await run('apt-get', [...options, 'download', ...PACKAGES], { cwd: work, timeout: TIME_LIMIT_MS });
    const root = path.join(work, 'root');
    await mkdir(root);
    const archives = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    if (archives.length !== PACKAGES.length) throw new Error('the Debian mirror did not give all packages');
    for (const archive of archives) await run('dpkg-deb', ['-x', path.join(work, archive), root]);
    await rename(root, home).catch((error: unknown) => {
      // Another start was quicker; its library is as good.
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Lists, cache and sources of our own; the mirror is the one this machine uses. */
async function aptOptions(work: string): Promise<string[]> {
  const lists = path.join(work, 'lists');
  await mkdir(path.join(lists, 'partial'), { recursive: true });
  await mkdir(path.join(work, 'cache', 'archives', 'partial'), { recursive: true });
  const source = path.join(work, 'sources.list');
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
  await writeFile(source, `deb ${signed}${await debianMirror()} ${SUITE} main\n`);
  return [
    ...['-o', `Dir::Etc::sourcelist=${source}`],
    ...['-o', 'Dir::Etc::sourceparts=-'],
    ...['-o', `Dir::State::lists=${lists}`],
    ...['-o', `Dir::Cache=${path.join(work, 'cache')}`],
    ...['-o', 'APT::Sandbox::User='],
    ...['-o', 'Acquire::Languages=none'],
    '-qq',
  ];
}

async function debianMirror(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)'], {
    timeout: TIME_LIMIT_MS,
  });
  const mirror = stdout.split('\n').find((address) => /\/debian\/?$/.test(address));
  return mirror ?? 'http://deb.debian.org/debian';
}
