import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import { type Behaviour, createBehaviour } from './behaviour.ts';
import type { Lms } from './lms.ts';
import { createLmsStore, type LmsStore } from './lms.store.ts';
import { launchRouter } from './protocol/launch.router.ts';
import { type LaunchWish, startLaunch } from './protocol/launching.ts';
import { lineItemsRouter } from './protocol/line-items.router.ts';
import { membersRouter } from './protocol/members.router.ts';
import { registrationAddress, registrationRouter } from './protocol/registration.router.ts';
import { scoresRouter } from './protocol/scores.router.ts';
import { tokensRouter } from './protocol/tokens.router.ts';
import type { LmsRole } from './records.ts';
import { createSecretStore } from './secrets.store.ts';
import { PEOPLE, seedDemo } from './seed.ts';
import { courseRouter } from './site/course.router.ts';
import { gradesRouter } from './site/grades.router.ts';
import { nothingHere, refusalPage, usePages } from './site/pages.ts';
import { rosterRouter } from './site/roster.router.ts';
import { startRouter } from './site/start.router.ts';
import { toolsRouter } from './site/tools.router.ts';
import { siteSession } from './site/visits.ts';

export { courseCsv, NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from './seed.ts';

export type DemoLms = {
  /** Its origin, which is its issuer. */
  readonly url: string;
  readonly behaviour: Behaviour;
  readonly store: LmsStore;
  /**
   * Installs the tool by dynamic registration, as the administrator's browser would. Nothing where an active tool is
   * installed that the tool's side knows too (`isKnown`). A registration that it does not know, because a start was cut
   * short between the two, is switched off.
   */
  registerTool(toolUrl: string, isKnown?: (clientId: string) => Promise<boolean>): Promise<void>;
  /** The login initiation that opens "My Peer Group", or another link, for this person. */
  startLaunch(wish: LaunchWish): Promise<string>;
  addCourse(courseId: string, title?: string): Promise<void>;
  addPerson(courseId: string, person: NewPerson): Promise<void>;
  suspend(courseId: string, personId: string, suspended?: boolean): Promise<void>;
  rename(personId: string, name: string): Promise<void>;
  /** A column that is coupled to the course's link, which launches name from then on. */
  coupleColumn(courseId: string, column: { label: string; scoreMaximum: number }): Promise<void>;
  /** As staff do in the gradebook, in the course's oldest column. */
  setGrade(courseId: string, personId: string, score: number | null): Promise<void>;
  /** What the gradebook shows in the course's oldest column. */
  gradeOf(courseId: string, personId: string): Promise<number | null>;
  rotateKey(): Promise<void>;
  close(): Promise<void>;
};
export type NewPerson = {
  readonly id: string;
  readonly name: string;
  readonly role?: LmsRole;
  readonly email?: string;
  readonly locality?: string;
};
export type DemoLmsOptions = {
  readonly database: Database;
  readonly port: number;
  readonly log: Logger;
  readonly clock?: () => Date;
  /** `demo` fills in people and two courses. */
  readonly seed: 'demo' | 'empty';
  /** Where the tool is, for the administrator's page. */
  readonly toolUrl?: string;
  /** What must stand before the tool's commands in the operator's terminal, for the same page. */
  readonly toolEnvironment?: string;
};

const HOST = '127.0.0.1';

/** A small, strict LTI 1.3 Advantage platform on loopback, for the demo and the tests. */
export async function startDemoLms(options: DemoLmsOptions): Promise<DemoLms> {
  const { database, port, log, seed, clock = () => new Date() } = options;
  const store = createLmsStore(database, clock);
  const secrets = createSecretStore(database, clock);
  await store.ensure();
  await secrets.sweep();
  if (seed === 'demo') await seedDemo(store);
  const app = express();
  const server = createServer(app);
  // Its own address is part of what it answers, so it listens first; who comes before it is assembled waits.
  let open = (): void => undefined;
  const assembled = new Promise<void>((resolve) => (open = resolve));
  app.use((_req, _res, next) => void assembled.then(() => next()));
  const issuer = await listen(server, port);
  const lms: Lms = { issuer, store, secrets, behaviour: createBehaviour(), clock, log };
  await assemble(app, lms, options);
  open();
  return { ...handleOf(lms), close: () => closeServer(server) };
}

/** Top to bottom: services for tools, then pages for people. */
async function assemble(app: Express, lms: Lms, options: DemoLmsOptions): Promise<void> {
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(registrationRouter(lms), tokensRouter(lms));
  app.use(membersRouter(lms), lineItemsRouter(lms), scoresRouter(lms));
  await usePages(app);
  app.use(siteSession(lms));
  app.use(launchRouter(lms));
  app.use(
    startRouter(lms),
    courseRouter(lms),
    rosterRouter(lms),
    gradesRouter(lms),
    toolsRouter(lms, options),
  );
  app.use(nothingHere);
  app.use(refusalPage(lms.log));
}

function handleOf(lms: Lms): Omit<DemoLms, 'close'> {
  const { store, behaviour, issuer, clock } = lms;
  const oldestColumn = (courseId: string) =>
    store.lineItems.findOne({ courseId }, { sort: { createdAt: 1, _id: 1 } });
  return {
    url: issuer,
    behaviour,
    store,
    startLaunch: (wish) => startLaunch(lms, wish),
    async registerTool(toolUrl, isKnown = () => Promise.resolve(true)) {
      let known = 0;
      for (const { _id, installed } of await store.tools.find({ active: true }).toArray()) {
        if (await isKnown(_id)) known += 1;
        else if (installed === 'dynamic') await store.tools.updateOne({ _id }, { $set: { active: false } });
      }
      if (known > 0) return;
      const registersAt = new URL('/lti/register', toolUrl).href;
      const answer = await fetch(await registrationAddress(lms, registersAt, PEOPLE.administrator));
      await answer.text();
      if (!answer.ok) throw new Error(`The tool refused its registration with ${answer.status}.`);
      const newest = await store.tools.findOne({ active: true }, { sort: { createdAt: -1, _id: -1 } });
      if (newest !== null) await store.useTool(newest._id);
    },
    addCourse: (courseId, title = courseId) =>
      store.addCourse({ _id: courseId, title, label: courseId, note: '', csv: null }),
    async addPerson(courseId, { id, name, role = 'learner', email, locality = '' }) {
      const person = { name, email: email ?? `${id}@lms.example`, locality };
      const administrator = role === 'administrator';
      await store.people.updateOne({ _id: id }, { $set: { ...person, administrator } }, { upsert: true });
      await store.enrol(courseId, { _id: id, name }, role);
    },
    suspend: (courseId, personId, suspended = true) => store.suspend(courseId, personId, suspended),
    rename: (personId, name) => store.rename(personId, name),
    coupleColumn: (courseId, column) => store.addCoupledColumn(courseId, column, clock()),
    async setGrade(courseId, personId, score) {
      const item = await oldestColumn(courseId);
      if (item === null) throw new Error('The course has no column yet.');
      await store.setStaffGrade(item, personId, score);
    },
    async gradeOf(courseId, personId) {
      const item = await oldestColumn(courseId);
      if (item === null) return null;
      return (await store.grades.findOne({ lineItemId: item._id, personId }))?.score ?? null;
    },
    async rotateKey() {
      await store.rotateKey();
    },
  };
}

/** Listens on loopback and answers its origin. */
async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return `http://${HOST}:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
