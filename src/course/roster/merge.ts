import type { LtiRole } from '../../lti/types.ts';
import type { CourseRole } from '../../scope.ts';
import { fold } from '../fold.ts';
import { displayName } from './names.ts';
import { courseRoleOf } from './roles.ts';

/** What is kept of a person in a course and follows what launches, rosters and staff say. */
export type PersonFacts = {
  readonly name: string | null;
  readonly email: string | null;
  readonly chosenName: string | null;
  readonly number: number;
  readonly nameFolded: string;
  readonly emailFolded: string | null;
  readonly launchRole: LtiRole | null;
  readonly rosterRole: LtiRole | null;
  readonly roleOverride: CourseRole | null;
  readonly role: CourseRole;
  readonly testUser: boolean;
  readonly inRoster: boolean;
};
export type Told = Partial<
  Pick<
    PersonFacts,
    | 'name'
    | 'email'
    | 'chosenName'
    | 'number'
    | 'launchRole'
    | 'rosterRole'
    | 'roleOverride'
    | 'testUser'
    | 'inRoster'
  >
>;

const NOBODY: PersonFacts = {
  name: null,
  email: null,
  chosenName: null,
  number: 0,
  nameFolded: '',
  emailFolded: null,
  launchRole: null,
  rosterRole: null,
  roleOverride: null,
  role: 'visitor',
  testUser: false,
  inRoster: false,
};
/** What the roster's page tells of a change; the rest follows from these. */
const TELLING = ['name', 'email', 'role'] as const;

/**
 * What is known before and what is told now. Silence does not erase: a platform that names people at launch may
 * withhold their names in the roster.
 */
export function mergeFacts(before: PersonFacts | null, told: Told): PersonFacts {
  const known = { ...NOBODY, ...before };
  const next = {
    ...known,
    ...told,
    name: told.name ?? known.name,
    email: told.email ?? known.email,
    testUser: (told.testUser ?? false) || known.testUser,
  };
  return {
    ...next,
    nameFolded: fold(displayName(next)),
    emailFolded: next.email === null ? null : fold(next.email),
    role: courseRoleOf(next),
  };
}

/** The facts that differ, alone: what must be written. */
export function changesOf(before: PersonFacts, next: PersonFacts): Partial<PersonFacts> {
  const keys = Object.keys(NOBODY) as (keyof PersonFacts)[];
  return Object.fromEntries(keys.filter((key) => before[key] !== next[key]).map((key) => [key, next[key]]));
}

/** Which of name, email and role changed. */
export function fieldsOf(changes: Partial<PersonFacts>): string[] {
  return TELLING.filter((key) => key in changes);
}
