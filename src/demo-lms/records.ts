/** What the demo LMS keeps, a type a collection. Times are in epoch milliseconds by the LMS's clock. */
export type LmsRole = 'administrator' | 'instructor' | 'mentor' | 'learner';

export type LmsPerson = {
  _id: string;
  name: string;
  email: string;
  administrator: boolean;
  /** The town of the person's profile, which a launch can carry; mostly empty. */
  locality: string;
};

/** `csv` names the file of the fellows' tracks and places that staff may download, if there is one. */
export type LmsCourse = {
  _id: string;
  title: string;
  label: string;
  note: string;
  csv: string | null;
  order: number;
};

/** Suspended people stay listed for staff and vanish for the tool. */
export type LmsEnrolment = {
  _id: string;
  courseId: string;
  personId: string;
  role: LmsRole;
  suspended: boolean;
  /** The person's name once more, so that a course can be searched and sorted by it. */
  name: string;
  /** What the person is in their peer group, for the start page; the LMS itself knows nothing of it. */
  office: 'lead' | 'deputy' | null;
  order: number;
};

/** An installed tool; `_id` is its client id. */
export type LmsTool = {
  _id: string;
  name: string;
  description: string;
  domain: string;
  loginUrl: string;
  redirectUris: string[];
  jwksUrl: string;
  targetLinkUri: string;
  /** Where a deep linking request goes; null where the tool takes none. */
  deepLinkUri: string | null;
  deploymentId: string;
  scopes: string[];
  /** Custom parameters as registered, variables ($Person.…) not yet filled in. */
  custom: Record<string, string>;
  shareName: boolean;
  shareEmail: boolean;
  active: boolean;
  /** How it came: by dynamic registration or typed in by hand. */
  installed: 'dynamic' | 'manual';
  createdAt: number;
  /** When the administrator last let courses open this one; 0 where never. */
  usedSince: number;
};

/** A place in a course that opens a tool; without a tool of its own the one that courses open. */
export type LmsLink = {
  _id: string;
  courseId: string;
  title: string;
  text: string;
  toolId: string | null;
  /** Null: the tool's own. */
  targetLinkUri: string | null;
  custom: Record<string, string>;
};

/** A gradebook column. With a resource link it is coupled to it: a staff member's change then outlives scores. */
export type LmsLineItem = {
  _id: string;
  courseId: string;
  toolId: string | null;
  label: string;
  scoreMaximum: number;
  resourceId: string;
  tag: string;
  resourceLinkId: string | null;
  createdAt: number;
};

export type LmsGrade = {
  _id: string;
  lineItemId: string;
  courseId: string;
  personId: string;
  /** What the gradebook shows. */
  score: number | null;
  /** What the tool sent last. */
  toolScore: number | null;
  /** ISO 8601; scores that are not at least a second later are refused. */
  timestamp: string | null;
  comment: string | null;
  /** Changed by staff in the gradebook. */
  overridden: boolean;
};

export type LmsKey = { _id: string; privateJwk: object; publicJwk: object; createdAt: number };

/** The link "My Peer Group", which each course has from the beginning. */
export const linkIdOf = (courseId: string): string => `${courseId}-peer-group`;
export const enrolmentIdOf = (courseId: string, personId: string): string => `${courseId}.${personId}`;
