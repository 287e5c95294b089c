import { describe, expect, it } from '@jest/globals';
import type { Explanation } from '../../../src/formation/engine/explanation.ts';
import { form } from '../../../src/formation/engine/form.ts';
import { formInWorker } from '../../../src/formation/engine/run.ts';
import { type FormationProgress, FormationRefused } from '../../../src/formation/engine/types.ts';
import { crowd, person, readCohort, rules } from './support/people.ts';

describe('forming in a thread of its own', () => {
  const input = { people: readCohort(300), rules: rules() };

  it('gives what forming here gives', async () => {
    expect(await formInWorker(input)).toEqual(form(input));
  });

  it('tells its stages in order, and explains everybody', async () => {
    const told: FormationProgress[] = [];
    const explained: Explanation[] = [];
    await formInWorker(input, {
      onProgress: (progress) => told.push(progress),
      onExplained: (some) => explained.push(...some),
    });
    expect([...new Set(told.map(({ stage }) => stage))]).toEqual([
      'planning',
      'searching',
      'measuring',
      'explaining',
    ]);
    expect(told.every(({ done, total }) => done <= total && total === 300)).toBe(true);
    expect(new Set(explained.map(({ id }) => id)).size).toBe(300);
  });

  it('refuses what forming here refuses', async () => {
    const refused = formInWorker({ people: [...crowd(2), person('p1')], rules: rules() });
    await expect(refused).rejects.toBeInstanceOf(FormationRefused);
    await expect(refused).rejects.toMatchObject({ code: 'duplicate_id', at: 2 });
  });

  it('ends at once where it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('the course was closed');
    const large = { people: readCohort(3000), rules: rules() };
    const running = formInWorker(large, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
    await expect(formInWorker(large, { signal: controller.signal })).rejects.toBe(reason);
  });
});
