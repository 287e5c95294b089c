import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { openCourse, type TestCourse } from '../group/course.ts';

let house: TestCourse;
beforeAll(async () => {
  house = await openCourse();
});
afterAll(() => house.database.close());

it('Everyone of a course is read through once, also who is renamed meanwhile', async () => {
  const scope = await house.begin();
  const first = await house.person(scope, 'Ada');
  const rows = house.database.connection.collection<{ _id: string; personId: string }>('enrolments');
  const like = await rows.findOne({ personId: first });
  const ids = Array.from({ length: 1_200 }, (_, index) => `zz-${10_000 + index}`);
  await rows.insertMany(
    ids.map((personId, index) => ({
      ...like,
      ...{ _id: newId(), personId, sub: personId, number: index + 10, nameFolded: `n ${10_000 + index}` },
    })),
  );
  const seen: string[] = [];
  for await (const page of house.course.enrolments.each(scope, 'fellow')) {
    seen.push(...page.map(({ personId }) => personId));
    await rows.updateMany({ personId: { $in: ids } }, { $set: { nameFolded: 'a' } });
  }
  expect(seen.toSorted()).toEqual([first, ...ids].toSorted());
});
