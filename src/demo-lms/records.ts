/** What the demo LMS keeps. */
export type LmsRole = 'administrator' | 'instructor' | 'mentor' | 'learner';
export type LmsPerson = { _id: string; name: string; email: string; administrator: boolean };
export type LmsCourse = { _id: string; title: string; label: string; note: string; csv: string | null };
export type LmsEnrolment = {
  _id: string;
  courseId: string;
  personId: string;
  role: LmsRole;
  suspended: boolean;
  name: string;
};
export type LmsTool = {
  _id: string;
  name: string;
  loginUrl: string;
  redirectUris: string[];
  jwksUrl: string;
  targetLinkUri: string;
  deploymentId: string;
  scopes: string[];
  custom: Record<string, string>;
};
export type LmsLineItem = {
  _id: string;
  courseId: string;
  label: string;
  scoreMaximum: number;
  resourceId: string;
  tag: string;
  resourceLinkId: string | null;
};
export type LmsGrade = {
  _id: string;
  lineItemId: string;
  courseId: string;
  personId: string;
  score: number | null;
  timestamp: string | null;
  comment: string | null;
  /** Changed by staff in the gradebook. */
  overridden: boolean;
};
export type LmsKey = { _id: string; privateJwk: object; publicJwk: object; createdAt: number };

/** The link "My Peer Group", which each course has once. */
export const linkIdOf = (courseId: string): string => `${courseId}-peer-group`;

export const ROLES: Readonly<Record<LmsRole, readonly string[]>> = {
  administrator: ['http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator'],
  instructor: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
  // A non-editing teacher launches as Instructor and is listed as Learner, as on Moodle.
  mentor: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
  learner: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Learner'],
};
