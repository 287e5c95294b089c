import type { CourseRole, CourseScope } from '../../src/scope.ts';
import type { TestSite } from './site.ts';

type Who = 'lead' | 'deputy' | 'member' | 'manager' | 'mentor';

/** A published group of four with a Peer Lead (0) and a Deputy (1), and everybody who may ask for its pages. */
export async function openLedGroup(site: TestSite) {
  const { house } = site;
  const scope: CourseScope = await house.begin();
  const people = await Promise.all(['Ada', 'Bola', 'Chidi', 'Dayo'].map((sub) => house.fellow(scope, sub)));
  const person = (index: number): string => people[index] ?? '';
  const proposalId = await house.propose(scope, [people]);
  const groupId = `${proposalId}.0`;
  const base = `/groups/g/${groupId}`;
  const { publisher, appointments, meetups } = house.group.stores;
  await publisher.publish(scope, { proposalId, by: 'm' });
  await appointments.appoint(scope, groupId, person(0), 'lead', 'm');
  await appointments.appoint(scope, groupId, person(1), 'deputy', 'm');
  const managerId = await house.person(scope, 'Mo Manager', 'instructor');
  const roles: Readonly<Record<Who, [CourseRole, string]>> = {
    lead: ['fellow', person(0)],
    deputy: ['fellow', person(1)],
    member: ['fellow', person(2)],
    manager: ['manager', managerId],
    mentor: ['mentor', 'mentor'],
  };
  const upcoming = () => meetups.upcoming(scope, groupId, house.clock(), null, 99);
  return {
    scope,
    people,
    person,
    managerId,
    base,
    upcoming,
    /** Asks for a page below the group's; with a body, sends a form there. */
    ask(who: Who, target: string, body?: Record<string, string>) {
      const [role, personId] = roles[who];
      return site.ask({ scope, role, personId }, base + target, body);
    },
    onlyOne: async (): Promise<string> => (await upcoming())[0]?.id ?? '',
  };
}
export type LedGroup = Awaited<ReturnType<typeof openLedGroup>>;

/** The form of a meetup as a person fills it in. */
export const form = (more: Record<string, string> = {}) => ({
  ...{ title: 'Review', date: '2026-11-07', time: '16:00', minutes: '60' },
  ...{ link: 'https://discord.gg/abc', repeat: 'once', times: '4' },
  ...more,
});
