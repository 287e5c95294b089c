import type { LmsRole } from '../../../src/demo-lms/records.ts';
import { courseIdOf, personIdOf } from '../../../src/course/identity.ts';
import type { Enrolment } from '../../../src/course/roster/enrolments.store.ts';
import type { CourseStores } from '../../../src/course/room.ts';
import { courseScope, type CourseScope } from '../../../src/scope.ts';
import { type House, openHouse } from '../../support/house.ts';
import { textOf } from '../../support/http.ts';

export type Answer = {
  readonly status: number;
  /** Where it leads, below the launch. */
  readonly to: string | null;
  readonly html: string;
  /** What a person reads. */
  readonly text: string;
};
/** Somebody who has opened the tool from the course. */
export type Visit = {
  readonly personId: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends a form; a list is a field that comes several times. */
  post(path: string, fields?: Readonly<Record<string, string | readonly string[]>>): Promise<Answer>;
  /** Sends a form with a file in it. */
  send(path: string, file: string | Uint8Array): Promise<Answer>;
};
/** A course in the demo LMS, and the tool that was opened from it. */
export type Course = {
  readonly scope: CourseScope;
  add(id: string, name?: string, role?: LmsRole, locality?: string): Promise<void>;
  open(id: string): Promise<Visit>;
  /** What the tool keeps of a person of the LMS. */
  person(id: string): Promise<Enrolment>;
  personId(id: string): string;
  /** Runs the roster's sync to its end, as the Community Manager would. */
  sync(): Promise<Answer>;
};
export type School = {
  readonly house: House;
  readonly course: CourseStores;
  /** A course of its own with a Community Manager, `<name>-cm`, who has opened the tool. */
  begin(name: string): Promise<Course & { readonly manager: Visit }>;
  /** Moves the clock of tool and LMS on. */
  pass(ms: number): void;
  close(): Promise<void>;
};

/** The real app and the demo LMS over HTTP. */
export async function openSchool(): Promise<School> {
  let ahead = 0;
  const house = await openHouse({ clock: () => new Date(Date.now() + ahead) });
  const [platform] = await house.services.door.platforms.list();
  const deploymentId = platform?.deploymentIds[0];
  if (platform === undefined || deploymentId === undefined) throw new Error('The tool is not installed.');
  const { course } = house.services;
  const personIdOfSub = (sub: string): string => personIdOf(platform.id, sub);
  return {
    house,
    course,
    async begin(name) {
      await house.lms.addCourse(name);
      const scope = courseScope(courseIdOf(platform.id, deploymentId, name));
      const add: Course['add'] = (id, called = id, role = 'learner', locality = '') =>
        house.lms.addPerson(name, { id, name: called, role, locality });
      const open = (id: string): Promise<Visit> => visitOf(house, name, id, personIdOfSub(id));
      await add(`${name}-cm`, 'Ngozi Eze', 'instructor');
      const manager = await open(`${name}-cm`);
      return {
        scope,
        manager,
        add,
        open,
        personId: personIdOfSub,
        async person(id) {
          const person = await course.enrolments.find(scope, personIdOfSub(id));
          if (person === null) throw new Error(`${id} is not in the course.`);
          return person;
        },
        async sync() {
          await manager.post('/roster/sync');
          await house.services.jobs.runDue();
          return manager.get('/roster/sync');
        },
      };
    },
    pass(ms) {
      ahead += ms;
    },
    close: () => house.close(),
  };
}

async function visitOf(house: House, courseId: string, id: string, personId: string): Promise<Visit> {
  const { browser, page } = await house.open(id, courseId);
  const [base = '', launchId = ''] = /^.*\/l\/([\w-]+)/.exec(page.url) ?? [];
  const session = await house.database.connection
    .collection<{ _id: string; csrfToken: string }>('sessions')
    .findOne({ _id: launchId });
  if (session === null) throw new Error(`${id} has no session: ${page.status} ${textOf(page.html)}`);
  const { csrfToken } = session;
  const ask = async (path: string, init: RequestInit, headers = {}): Promise<Answer> => {
    const answer = await fetch(base + path, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: browser.cookiesFor(page.url), ...headers },
    });
    const html = await answer.text();
    const location = answer.headers.get('location');
    const to = location?.replace(`/l/${launchId}`, '') ?? null;
    return { status: answer.status, to, html, text: textOf(html) };
  };
  return {
    personId,
    get: (path, headers = {}) => ask(path, {}, headers),
    post(path, fields = {}) {
      const body = new URLSearchParams({ _csrf: csrfToken });
      for (const [name, value] of Object.entries(fields))
        for (const one of [value].flat()) body.append(name, one);
      return ask(path, { method: 'POST', body });
    },
    send(path, file) {
      const body = new FormData();
      body.append('_csrf', csrfToken);
      body.append('file', new Blob([file]), 'file.csv');
      return ask(path, { method: 'POST', body });
    },
  };
}
