import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { LmsStore } from './lms.store.ts';
import type { LmsRole } from './records.ts';

type Row = { id: string; name: string; email: string };

export const NEW_COURSE = 'cohort-4';
export const THIRD_WEEK_COURSE = 'cohort-3';
export const PEOPLE = { administrator: '1', manager: '2', mentor: '3' };

/** The file staff download: tracks and places of a course's fellows. */
export function courseCsv(courseId: string): string {
  return readFileSync(path.join(import.meta.dirname, 'data', `${courseId}.csv`), 'utf8');
}

/** People and two courses for the demo; everyone in it is made up by a program. Runs once. */
export async function seedDemo(store: LmsStore): Promise<void> {
  if ((await store.courses.countDocuments({})) > 0) return;
  const staff: { id: string; name: string; role: LmsRole }[] = [
    { id: PEOPLE.administrator, name: 'Site Administrator', role: 'administrator' },
    { id: PEOPLE.manager, name: 'Demo Community Manager', role: 'instructor' },
    { id: PEOPLE.mentor, name: 'Demo Mentor', role: 'mentor' },
  ];
  for (const { id, name, role } of staff) {
    await store.people.insertOne({
      _id: id,
      name,
      email: `${role}@lms.example`,
      administrator: role === 'administrator',
    });
  }
  const courses = [
    { _id: NEW_COURSE, title: '3MTT Cohort 4', label: '3MTT-4', note: 'New: 300 fellows, no groups yet.' },
    {
      _id: THIRD_WEEK_COURSE,
      title: '3MTT Cohort 3',
      label: '3MTT-3',
      note: 'In its third week: groups, meetups and posted grades.',
    },
  ];
  for (const course of courses) {
    const rows = parse<Row>(courseCsv(course._id), { columns: true });
    await store.people.insertMany(
      rows.map(({ id, name, email }) => ({ _id: id, name, email, administrator: false })),
    );
    await store.enrolments.insertMany(
      [
        ...staff
          .filter(({ role }) => role !== 'administrator')
          .map(({ id, name, role }) => ({ id, name, role })),
        ...rows.map(({ id, name }) => ({ id, name, role: 'learner' as const })),
      ].map(({ id, name, role }) => ({
        _id: `${course._id}.${id}`,
        courseId: course._id,
        personId: id,
        name,
        role,
        suspended: false,
      })),
    );
    await store.courses.insertOne({ ...course, csv: course._id });
  }
}
