import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express from 'express';
import { pino } from 'pino';
import type { CourseRole, CourseScope } from '../../src/scope.ts';
import { failurePage } from '../../src/web/failure.ts';
import { readWords } from '../../src/web/words.ts';
import { openCourse, type TestCourse } from './course.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type Answer = { readonly status: number; readonly to: string | null; readonly html: string };
/** Who asks. */
export type Asker = { readonly scope: CourseScope; readonly role: CourseRole; readonly personId: string };
export type TestSite = {
  readonly house: TestCourse;
  /** A page, or where a form leads; addresses are below the launch. */
  ask(
    who: Asker,
    target: string,
    body?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): Promise<void>;
};

/** The routes of formation and group in the house's layout; who visits is told by a header, in place of a session. */
export async function openSite(): Promise<TestSite> {
  const house = await openCourse();
  const scopes = new Map<string, CourseScope>();
  const app = express();
  app.locals['pages'] = {
    views: path.join(ROOT, 'views'),
    words: await readWords(path.join(ROOT, 'locales')),
    asset: (name: string) => name,
    menu: () => [],
  };
  app.use(express.urlencoded({ extended: false }));
  app.use('/l/:launchId', (req, res, next) => {
    const [courseId = '', role, personId] = (req.get('x-visit') ?? '').split(' ');
    res.locals['visit'] = {
      launchId: 'launch',
      // As in the house, each request has a scope of its own.
      scope: { ...scopes.get(courseId) },
      role,
      personId,
      platformId: 'platform',
      name: 'Name',
      courseTitle: 'Course',
      timeZone: 'Africa/Lagos',
      locale: 'en',
      csrfToken: 'token',
    };
    next();
  });
  app.use('/l/:launchId', house.formation.room.router, house.group.room.router);
  app.use(failurePage(pino({ level: process.env['TEST_LOG'] ?? 'silent' })));
  const server = createServer((req, res) => void app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    house,
    async ask({ scope, role, personId }, target, body, headers = {}) {
      scopes.set(scope.courseId, scope);
      const answer = await fetch(`http://127.0.0.1:${port}/l/launch${target}`, {
        headers: { ...headers, 'x-visit': `${scope.courseId} ${role} ${personId}` },
        redirect: 'manual',
        ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }),
      });
      const to = answer.headers.get('location')?.replace('/l/launch', '') ?? null;
      return { status: answer.status, to, html: await answer.text() };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await house.jobs.stop();
      await house.database.close();
    },
  };
}

/** Words that must not stand in a page: keys that have no translation, styles and scripts that the policy forbids. */
export function faultsOf(html: string): string[] {
  const body = html.slice(html.indexOf('<body>'));
  return [
    ...(body.match(/ style=|\son\w+=|<script(?![^>]*nonce)/g) ?? []),
    ...(body.match(/\b(group|formation|web|course):[a-z_.]+/g) ?? []),
    ...(body.match(/>\s*[a-z_]+(\.[a-z_]+)+\s*</g) ?? []),
    ...(body.match(/\{\{|undefined|NaN|\[object/g) ?? []),
    ...((body.match(/class="btn main"/g) ?? []).length > 1 ? ['more than one main button'] : []),
  ];
}
