import { exportJWK, generateKeyPair } from 'jose';
import type { Database } from '../database/index.ts';
import type {
  LmsCourse,
  LmsEnrolment,
  LmsGrade,
  LmsKey,
  LmsLineItem,
  LmsPerson,
  LmsTool,
} from './records.ts';

/** The demo LMS's collections, in a database of its own beside the tool's. */
export function createLmsStore({ connection }: Database) {
  const people = connection.collection<LmsPerson>('people');
  const courses = connection.collection<LmsCourse>('courses');
  const enrolments = connection.collection<LmsEnrolment>('enrolments');
  const tools = connection.collection<LmsTool>('tools');
  const lineItems = connection.collection<LmsLineItem>('line_items');
  const grades = connection.collection<LmsGrade>('grades');
  const keys = connection.collection<LmsKey>('keys');
  return {
    people,
    courses,
    enrolments,
    tools,
    lineItems,
    grades,
    keys,
    async ensure(): Promise<void> {
      await enrolments.createIndex({ courseId: 1, name: 1 });
      await grades.createIndex({ lineItemId: 1, personId: 1 }, { unique: true });
      await lineItems.createIndex({ courseId: 1 });
      if ((await keys.countDocuments({})) === 0) await this.rotateKey();
    },
    async rotateKey(): Promise<void> {
      const { privateKey, publicKey } = await generateKeyPair('RS256', {
        modulusLength: 2048,
        extractable: true,
      });
      const kid = `demo-${Date.now().toString(36)}`;
      await keys.insertOne({
        _id: kid,
        privateJwk: await exportJWK(privateKey),
        publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
        createdAt: Date.now(),
      });
    },
    async newestKey(): Promise<LmsKey> {
      const key = await keys.findOne({}, { sort: { createdAt: -1 } });
      if (key === null) throw new Error('The demo LMS has no key.');
      return key;
    },
    async enrol(
      courseId: string,
      person: { _id: string; name: string },
      role: LmsEnrolment['role'],
    ): Promise<void> {
      await enrolments.updateOne(
        { _id: `${courseId}.${person._id}` },
        {
          $set: { courseId, personId: person._id, name: person.name, role },
          $setOnInsert: { suspended: false },
        },
        { upsert: true },
      );
    },
  };
}
export type LmsStore = ReturnType<typeof createLmsStore>;
