import type { RosterMember } from '../../../src/lti/types.ts';
import type { Course, School, Visit } from './school.ts';

export type Class = Course & {
  readonly manager: Visit;
  /** In the LMS. */
  readonly name: string;
  readonly ids: readonly string[];
};

let count = 0;
/** A new course whose LMS lists so many fellows; the roster was not taken yet. */
export async function classOf(school: School, fellows: number): Promise<Class> {
  const name = `class${(count += 1)}`;
  const course = await school.begin(name);
  const ids = Array.from({ length: fellows }, (_, index) => `${name}-f${index}`);
  for (const id of ids) await course.add(id, `Fellow ${id}`);
  return { ...course, name, ids };
}

/** A fellow as a roster lists them. */
export function memberOf(sub: string): RosterMember {
  const nameless = { givenName: null, familyName: null, email: null };
  return { sub, role: 'learner', testUser: false, status: 'active', name: sub, ...nameless };
}

/** How many fellows the course has. */
export function fellowsOf(school: School, course: Course): Promise<number> {
  return school.course.enrolments.count(course.scope, { state: 'active', role: 'fellow' });
}

/** The large numbers of a page, in their order. */
export function figuresOf(html: string): string[] {
  return [...html.matchAll(/<dd>([\d,]+)<\/dd>/g)].map(([, figure = '']) => figure);
}
