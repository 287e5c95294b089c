/** A host on which meeting links are approved, and its name as people know it. */
export type Channel = { readonly host: string; readonly label: string };

/** What staff may change about a course. */
export type CourseSettings = {
  readonly tracks: readonly string[];
  /** One track for everyone whose own is not known; null asks each. */
  readonly oneTrack: string | null;
  readonly channels: readonly Channel[];
  /** IANA zone of the course's meetups. */
  readonly timeZone: string;
  /** The course's own list of places; null is Nigeria's. */
  readonly placesId: string | null;
  /** Whether fellows who join late are placed by themselves, where a group has room. */
  readonly placeLate: boolean;
  /** Days between the notice of a move to another group and the move. */
  readonly graceDays: number;
};

/** 3MTT's twelve skill tracks, as its cohorts name them. */
export const FIRST_TRACKS: readonly string[] = [
  'Software Development',
  'Data Analysis & Visualisation',
  'Cybersecurity',
  'UI/UX Design',
  'Data Science',
  'Product Management',
  'AI/Machine Learning',
  'Cloud Computing',
  'Animation',
  'DevOps',
  'Game Development',
  'Quality Assurance',
];

export const FIRST_SETTINGS: CourseSettings = {
  tracks: FIRST_TRACKS,
  oneTrack: null,
  channels: [],
  timeZone: 'Africa/Lagos',
  placesId: null,
  placeLate: true,
  graceDays: 3,
};
