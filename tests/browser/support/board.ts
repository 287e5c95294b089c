import type { Browser, BrowserContext, Page } from 'playwright-core';
import { courseIdOf } from '../../../src/course/identity.ts';
import { SYNC } from '../../../src/course/roster/sync.job.ts';
import { newId } from '../../../src/database/index.ts';
import { DEFAULT_RULES } from '../../../src/formation/engine/types.ts';
import { PROPOSE } from '../../../src/formation/proposals/propose.job.ts';
import { courseScope, type CourseScope } from '../../../src/scope.ts';
import type { House } from '../../support/house.ts';
import type { Manner } from './lms.ts';

const FELLOWS = 13;
const MANAGERS = ['Ngozi Eze', 'Tunde Bakare'] as const;

/** A course with an open proposal of two groups, and two Community Managers. */
export type BoardCourse = {
  readonly courseId: string;
  readonly scope: CourseScope;
  readonly proposalId: string;
};

export async function addBoardCourse(house: House, browser: Browser, courseId: string): Promise<BoardCourse> {
  const { lms, services } = house;
  await lms.addCourse(courseId, courseId);
  for (const [at, name] of MANAGERS.entries())
    await lms.addPerson(courseId, { id: `${courseId}-m${at}`, name, role: 'instructor' });
  for (let at = 0; at < FELLOWS; at += 1)
    await lms.addPerson(courseId, {
      id: `${courseId}-${at}`,
      name: `Fellow ${String.fromCharCode(65 + at)}`,
    });
  const { context } = await openBoardAs(house, browser, courseId, 0, { script: true, width: 1280 });
  await context.close();
  const [platform] = await services.door.platforms.list();
  const scope = courseScope(courseIdOf(platform?.id ?? '', platform?.deploymentIds[0] ?? '', courseId));
  const { jobs, course } = services;
  await course.courses.saveSettings(scope, { oneTrack: 'Data Science' });
  await jobs.enqueue({ kind: SYNC, courseId: scope.courseId, key: 'sync', payload: { mayVanish: 0 } });
  await jobs.runDue();
  const proposalId = newId();
  const payload = { proposalId, rules: DEFAULT_RULES, by: 'm' };
  await jobs.enqueue({ kind: PROPOSE, courseId: scope.courseId, key: 'propose', payload });
  await jobs.runDue();
  return { courseId, scope, proposalId };
}

/** A Community Manager's own browser, in the tool; `show` opens a page below the launch. */
export async function openBoardAs(
  house: House,
  browser: Browser,
  courseId: string,
  manager: number,
  { script, width }: Manner,
): Promise<{ context: BrowserContext; page: Page; show: (path: string) => Promise<void> }> {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 740 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await page.goto(await house.lms.startLaunch({ personId: `${courseId}-m${manager}`, courseId }));
  const on = page.getByRole('button', { name: /^(Continue|Open the tool)$/ });
  for (let step = 0; step < 4 && !/\/l\/[\w-]+/.test(page.url()); step += 1) await on.first().click();
  await page.waitForURL(/\/l\//);
  const base = /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '';
  return {
    context,
    page,
    show: async (path) => {
      await page.goto(base + path);
    },
  };
}
