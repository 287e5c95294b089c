import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express from 'express';
import ejs from 'ejs';
import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import { type Behaviour, createBehaviour } from './behaviour.ts';
import { createLaunching } from './launching.ts';
import { createLmsStore, type LmsStore } from './lms.store.ts';
import type { LmsRole } from './records.ts';
import { createRegistering } from './registering.ts';
import { seedDemo } from './seed.ts';
import { servicesRouter } from './services.ts';
import { setGrade, siteRouter } from './site.router.ts';

export { NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE, courseCsv } from './seed.ts';

export type DemoLms = {
  /** Its origin, which is its issuer. */
  readonly url: string;
  readonly behaviour: Behaviour;
  readonly store: LmsStore;
  /** Installs the tool by dynamic registration, as the administrator's browser would; nothing if it is installed. */
  registerTool(toolUrl: string): Promise<void>;
  /** The login initiation that opens "My Peer Group" for this person. */
  startLaunch(launch: { personId: string; courseId: string; frame?: boolean }): Promise<string>;
  addCourse(courseId: string, title?: string): Promise<void>;
  addPerson(
    courseId: string,
    person: { id: string; name: string; role?: LmsRole; email?: string },
  ): Promise<void>;
  suspend(courseId: string, personId: string, suspended?: boolean): Promise<void>;
  /** As staff do in the gradebook, in the course's only column. */
  setGrade(courseId: string, personId: string, score: number | null): Promise<void>;
  gradeOf(courseId: string, personId: string): Promise<number | null>;
  rotateKey(): Promise<void>;
  close(): Promise<void>;
};
export type DemoLmsOptions = {
  readonly database: Database;
  readonly port: number;
  readonly log: Logger;
  /** `demo` fills in people and two courses. */
  readonly seed: 'demo' | 'empty';
  /** Where the tool is, for the administrator's page. */
  readonly toolUrl?: string;
};

const HOST = '127.0.0.1';
const VIEWS = path.resolve(import.meta.dirname, '../../views/demo-lms');

/** A small, strict LTI 1.3 Advantage platform on loopback, for the demo and the tests. */
export async function startDemoLms({ database, port, log, seed, toolUrl }: DemoLmsOptions): Promise<DemoLms> {
  const store = createLmsStore(database);
  await store.ensure();
  if (seed === 'demo') await seedDemo(store);
  const behaviour = createBehaviour();
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const issuer = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  const launching = createLaunching(store, issuer, behaviour);
  const registering = createRegistering(store, issuer);
  app.disable('x-powered-by');
  app.engine('ejs', ejs.renderFile.bind(ejs) as never);
  app.set('views', VIEWS).set('view engine', 'ejs');
  app.use('/site', express.static(VIEWS, { extensions: ['css'], index: false }));
  app.use(launching.router, registering.router, servicesRouter(store, issuer, behaviour));
  app.use(
    siteRouter({
      store,
      issuer,
      toolUrl: toolUrl ?? null,
      startLaunch: launching.startLaunch,
      registrationAddress: registering.registrationAddress,
    }),
  );
  app.use((_req, res) =>
    res
      .status(404)
      .render('message', { title: 'Nothing is here', text: 'Go back to the start page.', person: null }),
  );
  app.use(((error: unknown, _req, res, _next) => {
    log.error({ err: error }, 'demo LMS');
    res
      .status(500)
      .render('message', { title: 'The demo LMS stumbled', text: 'Go back and try again.', person: null });
  }) satisfies express.ErrorRequestHandler);

  return {
    url: issuer,
    behaviour,
    store,
    startLaunch: launching.startLaunch,
    async registerTool(address) {
      if ((await store.tools.countDocuments({})) > 0) return;
      const answer = await fetch(registering.registrationAddress(address));
      if (!answer.ok) throw new Error(`The tool refused its registration with ${answer.status}.`);
    },
    async addCourse(courseId, title = courseId) {
      await store.courses.insertOne({ _id: courseId, title, label: courseId, note: '', csv: null });
    },
    async addPerson(courseId, { id, name, role = 'learner', email = `${id}@lms.example` }) {
      await store.people.updateOne(
        { _id: id },
        { $set: { name, email, administrator: role === 'administrator' } },
        { upsert: true },
      );
      await store.enrol(courseId, { _id: id, name }, role);
    },
    async suspend(courseId, personId, suspended = true) {
      await store.enrolments.updateOne({ _id: `${courseId}.${personId}` }, { $set: { suspended } });
    },
    async setGrade(courseId, personId, score) {
      const item = await store.lineItems.findOne({ courseId });
      if (item !== null) await setGrade(store, courseId, item._id, personId, score);
    },
    async gradeOf(courseId, personId) {
      return (await store.grades.findOne({ courseId, personId }))?.score ?? null;
    },
    rotateKey: () => store.rotateKey(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
