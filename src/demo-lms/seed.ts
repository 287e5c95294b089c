import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { LmsStore } from './lms.store.ts';
import type { LmsPerson, LmsRole } from './records.ts';

type Row = { id: string; name: string; email: string };
type Person = LmsPerson & { readonly role: LmsRole };

export const NEW_COURSE = 'cohort-4';
export const THIRD_WEEK_COURSE = 'cohort-3';
export const PEOPLE = { administrator: '1', manager: '2', mentor: '3' } as const;

const STAFF: readonly Person[] = [
  staff(PEOPLE.administrator, 'Ada Admin', 'administrator'),
  staff(PEOPLE.manager, 'Chidi Okafor', 'instructor'),
  staff(PEOPLE.mentor, 'Maryam Bello', 'mentor'),
];
const COURSES = [
  { _id: NEW_COURSE, title: '3MTT Cohort 4', label: '3MTT-4', note: 'new' },
  { _id: THIRD_WEEK_COURSE, title: '3MTT Cohort 3', label: '3MTT-3', note: 'third_week' },
];

/** The file staff download: tracks and places of a course's fellows. */
export function courseCsv(name: string): string {
  return readFileSync(path.join(import.meta.dirname, 'data', `${name}.csv`), 'utf8');
}

/**
 * People and two courses for the demo; everyone in it is made up by a program. A course is written last, so that a
 * start that was cut short is finished by the next, and what people changed since is left alone.
 */
export async function seedDemo(store: LmsStore): Promise<void> {
  for (const course of COURSES) {
    if ((await store.courses.findOne({ _id: course._id })) !== null) continue;
    const fellows = parse<Row>(courseCsv(course._id), { columns: true }).map(
      ({ id, name, email }): Person => ({
        _id: id,
        name,
        email,
        administrator: false,
        locality: '',
        role: 'learner',
      }),
    );
    await addPeople(store, [...STAFF, ...fellows]);
    await store.enrolAll(
      course._id,
      [...STAFF, ...fellows].filter(({ administrator }) => !administrator),
    );
    await store.addCourse({ ...course, csv: course._id });
  }
}

async function addPeople(store: LmsStore, people: readonly Person[]): Promise<void> {
  await store.people.bulkWrite(
    people.map(({ role: _role, ...person }) => ({
      updateOne: { filter: { _id: person._id }, update: { $setOnInsert: person }, upsert: true },
    })),
    { ordered: false },
  );
}

function staff(_id: string, name: string, role: LmsRole): Person {
  const administrator = role === 'administrator';
  return { _id, name, email: `${role}@lms.example`, administrator, locality: '', role };
}
