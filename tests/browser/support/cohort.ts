import type { House } from '../../support/house.ts';

/** A course as its LMS knows it; nobody has opened the tool in it. */
export type Cohort = {
  readonly title: string;
  readonly courseId: string;
  readonly fellows: readonly string[];
};

export const MANAGER = 'Ngozi Eze';
/** Placed with eleven others; the only one of a track; told of by nobody. */
export const [PLACED, ALONE, UNKNOWN] = [
  'Aisha Bello',
  'Ovie Onojaife',
  'Chukwuemeka Okonkwo-Adeyemi',
] as const;
const OTHERS = [
  'Musa Ibrahim',
  'Fatima Abubakar',
  'Hauwa Sani',
  'Yusuf Garba',
  'Bisi Adeyemi',
  'Chioma Nwosu',
  'Danladi Yakubu',
  'Ejiro Efe',
  'Folake Ojo',
  'Gbenga Alabi',
  'Halima Umar',
];

export async function addCohort({ lms }: House, title: string): Promise<Cohort> {
  const courseId = title.toLowerCase().replaceAll(' ', '-');
  await lms.addCourse(courseId, title);
  await lms.addPerson(courseId, { id: `${courseId}-manager`, name: MANAGER, role: 'instructor' });
  const fellows = [PLACED, ALONE, UNKNOWN, ...OTHERS];
  for (const [index, name] of fellows.entries())
    await lms.addPerson(courseId, { id: `${courseId}-${index}`, name });
  return { title, courseId, fellows };
}

/** Tracks and places as staff would upload them, with a line that cannot be taken. */
export function csvOf({ fellows }: Cohort): string {
  const lines = fellows
    .filter((name) => name !== UNKNOWN)
    .map((name) =>
      name === ALONE ? `${name},Animation,Warri South,Delta` : `${name},Data Science,Damaturu,Yobe`,
    );
  return ['name,track,lga,state', ...lines, 'Nobody Here,Data Science,Damaturu,Yobe', ''].join('\n');
}
