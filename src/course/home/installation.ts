import type { CourseServices } from '../../lti/types.ts';

/** What the LMS lets the tool do in a course; keys of words below course:installation. */
export type InstallationFact = {
  readonly what: 'launch' | 'roster' | 'column' | 'scores' | 'results';
  readonly works: boolean;
};

const AGS = 'https://purl.imsglobal.org/spec/lti-ags/scope/';

/** What an administrator of the LMS wants to know of an installation, as the last launches told it; nobody's data. */
export function installationOf(services: CourseServices): readonly InstallationFact[] {
  const may = (scope: string) => services.scopes.includes(AGS + scope);
  const column = services.lineItemUrl !== null || (services.lineItemsUrl !== null && may('lineitem'));
  return [
    { what: 'launch', works: true },
    { what: 'roster', works: services.membershipsUrl !== null },
    { what: 'column', works: column },
    { what: 'scores', works: column && may('score') },
    { what: 'results', works: column && may('result.readonly') },
  ];
}
