import { exportJWK, generateKeyPair } from 'jose';
import { type Database, newId } from '../database/index.ts';
import {
  enrolmentIdOf,
  linkIdOf,
  type LmsCourse,
  type LmsEnrolment,
  type LmsGrade,
  type LmsKey,
  type LmsLineItem,
  type LmsLink,
  type LmsPerson,
  type LmsRole,
  type LmsTool,
} from './records.ts';

/** What the tool is called in courses; it stands in the database, as a title that staff typed would. */
const FIRST_LINK = 'My Peer Group';

/** The demo LMS's own collections; the prefix keeps them apart even in a database that another house uses too. */
export function createLmsStore({ connection }: Database, clock: () => Date) {
  const people = connection.collection<LmsPerson>('lms_people');
  const courses = connection.collection<LmsCourse>('lms_courses');
  const enrolments = connection.collection<LmsEnrolment>('lms_enrolments');
  const tools = connection.collection<LmsTool>('lms_tools');
  const links = connection.collection<LmsLink>('lms_links');
  const lineItems = connection.collection<LmsLineItem>('lms_line_items');
  const grades = connection.collection<LmsGrade>('lms_grades');
  const keys = connection.collection<LmsKey>('lms_keys');
  const stories = connection.collection<{ _id: string; begunAt: number; done: boolean }>('lms_stories');
  const counters = connection.collection<{ _id: string; last: number }>('lms_counters');

  async function rotateKey(): Promise<string> {
    const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
    const [privateJwk, publicJwk] = await Promise.all([
      exportJWK(pair.privateKey),
      exportJWK(pair.publicKey),
    ]);
    const createdAt = clock().getTime();
    const kid = `demo-${(await keys.countDocuments({})) + 1}-${createdAt.toString(36)}`;
    await keys.insertOne({
      _id: kid,
      privateJwk,
      publicJwk: { ...publicJwk, kid, alg: 'RS256', use: 'sig' },
      createdAt,
    });
    return kid;
  }

  async function next(counter: string): Promise<number> {
    const row = await counters.findOneAndUpdate(
      { _id: counter },
      { $inc: { last: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    return row?.last ?? 1;
  }

  return {
    people,
    courses,
    enrolments,
    tools,
    links,
    lineItems,
    grades,
    keys,
    /** Makes indexes and the first key; may run at every start. */
    async ensure(): Promise<void> {
      await enrolments.createIndex({ courseId: 1, name: 1 });
      await enrolments.createIndex({ courseId: 1, order: 1 });
      await enrolments.createIndex({ personId: 1 });
      await links.createIndex({ courseId: 1 });
      await lineItems.createIndex({ courseId: 1, createdAt: 1 });
      await grades.createIndex({ lineItemId: 1, personId: 1 }, { unique: true });
      await grades.createIndex({ courseId: 1, personId: 1 });
      if ((await keys.countDocuments({})) === 0) await rotateKey();
    },
    /** A new signing key; the one before stays published, as good platforms do. Answers its kid. */
    rotateKey,
    async selectSigningKey(): Promise<LmsKey> {
      const key = await keys.findOne({}, { sort: { createdAt: -1, _id: -1 } });
      if (key === null) throw new Error('The demo LMS has no key.');
      return key;
    },
    /** The id of a person whom staff add; the demo's own people have smaller ones. */
    async nextPersonId(): Promise<string> {
      return String(9_000 + (await next('person')));
    },
    /** Deployments are numbered; a number is not given twice, even when its tool is gone. */
    async nextDeploymentId(): Promise<string> {
      return String(await next('deployment'));
    },
    /** The tool that courses open unless a link says otherwise: of the active ones that chosen last, else the newest. */
    findSiteTool: () => tools.findOne({ active: true }, { sort: { usedSince: -1, createdAt: -1, _id: -1 } }),
    /** Lets courses open this one from now on, whatever they opened before. */
    async useTool(toolId: string): Promise<void> {
      await tools.updateOne({ _id: toolId }, { $set: { usedSince: clock().getTime(), active: true } });
    },
    /** A course with its first link, which opens the site's tool; the course is written last. May run twice. */
    async addCourse(course: Omit<LmsCourse, 'order'>): Promise<void> {
      const link = { courseId: course._id, title: FIRST_LINK, text: '', toolId: null, targetLinkUri: null };
      await links.updateOne(
        { _id: linkIdOf(course._id) },
        { $setOnInsert: { ...link, custom: {} } },
        { upsert: true },
      );
      const order = await courses.countDocuments({});
      await courses.updateOne({ _id: course._id }, { $setOnInsert: { ...course, order } }, { upsert: true });
    },
    /** Enrols many in this order; whoever is enrolled already stays as they are. */
    async enrolAll(
      courseId: string,
      all: readonly { _id: string; name: string; role: LmsRole }[],
    ): Promise<void> {
      await enrolments.bulkWrite(
        all.map(({ _id: personId, name, role }, order) => ({
          updateOne: {
            filter: { _id: enrolmentIdOf(courseId, personId) },
            update: {
              $setOnInsert: { courseId, personId, name, role, suspended: false, office: null, order },
            },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    },
    /** Adds a person to a course, or gives another role in it. */
    async enrol(courseId: string, person: { _id: string; name: string }, role: LmsRole): Promise<void> {
      const order = await enrolments.countDocuments({ courseId });
      await enrolments.updateOne(
        { _id: enrolmentIdOf(courseId, person._id) },
        {
          $set: { courseId, personId: person._id, name: person.name, role },
          $setOnInsert: { suspended: false, office: null, order },
        },
        { upsert: true },
      );
    },
    /** A column that is coupled to the course's first link. */
    async addCoupledColumn(
      courseId: string,
      { label, scoreMaximum }: { label: string; scoreMaximum: number },
      now: Date,
    ): Promise<void> {
      await lineItems.insertOne({
        _id: newId(),
        courseId,
        toolId: null,
        label,
        scoreMaximum,
        resourceId: '',
        tag: '',
        resourceLinkId: linkIdOf(courseId),
        createdAt: now.getTime(),
      });
    },
    /** When a story was begun to be written into the demo, and whether it is whole; begun now where it was not. */
    async beginStory(story: string): Promise<{ begunAt: Date; done: boolean }> {
      const fresh = { begunAt: clock().getTime(), done: false };
      const row = await stories.findOneAndUpdate(
        { _id: story },
        { $setOnInsert: fresh },
        { upsert: true, returnDocument: 'after' },
      );
      const { begunAt, done } = row ?? fresh;
      return { begunAt: new Date(begunAt), done };
    },
    async endStory(story: string): Promise<void> {
      await stories.updateOne({ _id: story }, { $set: { done: true } });
    },
    /** Names a Peer Lead as such on the start page. */
    async setOffice(courseId: string, personId: string, office: LmsEnrolment['office']): Promise<void> {
      await enrolments.updateOne({ _id: enrolmentIdOf(courseId, personId) }, { $set: { office } });
    },
    /** Takes a column away with all its grades; grades first, so that none is left without a column. */
    async removeLineItem({ _id }: LmsLineItem): Promise<void> {
      await grades.deleteMany({ lineItemId: _id });
      await lineItems.deleteOne({ _id });
    },
    async rename(personId: string, name: string): Promise<void> {
      await people.updateOne({ _id: personId }, { $set: { name } });
      await enrolments.updateMany({ personId }, { $set: { name } });
    },
    async suspend(courseId: string, personId: string, suspended: boolean): Promise<void> {
      await enrolments.updateOne({ _id: enrolmentIdOf(courseId, personId) }, { $set: { suspended } });
    },
    /** Changes a grade as staff do: it is marked, and dated now. Null takes the grade away. */
    async setStaffGrade(item: LmsLineItem, personId: string, score: number | null): Promise<void> {
      await grades.updateOne(
        { lineItemId: item._id, personId },
        {
          $set: { courseId: item.courseId, score, overridden: true, timestamp: clock().toISOString() },
          $setOnInsert: { _id: `${item._id}.${personId}`, toolScore: null, comment: null },
        },
        { upsert: true },
      );
    },
    /** Takes a staff member's change back: what the tool sent last shows again. */
    async clearStaffGrade(item: LmsLineItem, personId: string): Promise<void> {
      const grade = await grades.findOne({ lineItemId: item._id, personId });
      if (grade === null) return;
      await grades.updateOne({ _id: grade._id }, { $set: { score: grade.toolScore, overridden: false } });
    },
  };
}
export type LmsStore = ReturnType<typeof createLmsStore>;
