import type { LmsCourse, LmsLink, LmsPerson, LmsTool } from '../records.ts';

export type Told = {
  readonly tool: LmsTool;
  readonly person: LmsPerson;
  readonly course: LmsCourse;
  readonly link: LmsLink;
};

/** Given name and the rest, as far as a program can tell. */
export function namesOf({ name }: LmsPerson): { full: string; given: string; family: string } {
  const [given = '', ...rest] = name.split(' ');
  return { full: name, given, family: rest.join(' ') };
}

/** Custom parameters of tool and link with variables filled in; a variable that the LMS lacks arrives as written. */
export function customOf(told: Told): Record<string, string> {
  const values = valuesOf(told);
  return Object.fromEntries(
    Object.entries({ ...told.tool.custom, ...told.link.custom }).map(([name, value]) => [
      name,
      value.startsWith('$') ? (values[value.slice(1)] ?? value) : value,
    ]),
  );
}

/** The keys are those that `VARIABLES` announces. */
function valuesOf({ tool, person, course, link }: Told): Readonly<Record<string, string>> {
  const names = namesOf(person);
  return {
    'Context.id': course._id,
    'Context.title': course.title,
    'Context.label': course.label,
    'ResourceLink.id': link._id,
    'ResourceLink.title': link.title,
    'User.id': person._id,
    'Person.address.locality': person.locality,
    'Person.address.country': 'NG',
    'Person.address.timezone': 'Africa/Lagos',
    ...(tool.shareName
      ? {
          'Person.name.full': names.full,
          'Person.name.given': names.given,
          'Person.name.family': names.family,
        }
      : {}),
    ...(tool.shareEmail ? { 'Person.email.primary': person.email } : {}),
  };
}
