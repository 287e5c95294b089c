import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareCompany, compareTerms } from '../../../src/formation/proposals/compare.page.ts';
import { termsShown } from '../../../src/formation/board/board.page.ts';
import { UNTOUCHED } from '../../../src/formation/proposals/proposals.model.ts';
import { shownTerms, tellable } from '../../../src/formation/proposals/terms.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { faultsOf, openSite, type TestSite } from '../../group/site.ts';
import { textOf } from '../../support/http.ts';

describe('comparing two proposals', () => {
  it('counts who sits with others: whose group has lost, gained or changed anybody', () => {
    const here = new Map([
      ['g1', ['a', 'b', 'c']],
      ['g2', ['d', 'e', 'f']],
      ['g3', ['g', 'h']],
    ]);
    const same = new Map([['x', ['c', 'b', 'a']]]);
    expect(compareCompany(here, same)).toEqual({ both: 3, others: 0 });
    expect(compareCompany(here, new Map([['x', ['a', 'b']]]))).toEqual({ both: 2, others: 2 });
    expect(compareCompany(here, new Map([['x', ['g', 'h', 'new']]]))).toEqual({ both: 2, others: 2 });
    expect(compareCompany(here, new Map([['x', ['a', 'b', 'd']]]))).toEqual({ both: 3, others: 3 });
    expect(compareCompany(here, new Map([['x', ['new']]]))).toEqual({ both: 0, others: 0 });
  });

  it('says of each rule which is better, and of what neither has nothing', () => {
    const of = (value: number) =>
      shownTerms([
        { name: 'no_lead', value, bound: 0, random: 5 },
        { name: 'isolated', value: 2, bound: 0, random: 5 },
        { name: 'together_before', value: 0, bound: 0, random: 0 },
      ]);
    expect(compareTerms(of(1), of(3)).map(({ name, better }) => [name, better])).toEqual([
      ['no_lead', 'here'],
      ['isolated', null],
    ]);
  });
});

describe('how many are alone of their gender', () => {
  const term = { value: 1, bound: 0, random: 2 };
  const terms = [
    { ...term, name: 'no_lead' as const },
    { ...term, name: 'isolated' as const },
  ];
  const told = (groups: number, done: number[]) =>
    tellable({ terms, groups, board: { ...UNTOUCHED, done } }).map(({ name }) => name);

  it('is told of five groups and more, as a run left them', () => {
    expect(told(4, [])).toEqual(['no_lead']);
    expect(told(5, [])).toEqual(['no_lead', 'isolated']);
  });

  it('is not told after a change by hand: the difference would tell who', () => {
    expect(told(500, [1])).toEqual(['no_lead']);
  });

  it('is no figure of an edit', () => {
    const figures = (value: number) => ({
      terms: terms.map((one) => ({ ...one, value })),
    });
    const shown = termsShown({ was: figures(2), next: figures(1) });
    expect(shown.map(({ name }) => name)).toEqual(['no_lead']);
  });
});

describe('the page of two proposals', () => {
  let site: TestSite;
  let scope: CourseScope;
  beforeAll(async () => {
    site = await openSite();
    scope = await site.house.begin();
  });
  afterAll(() => site.close());
  const ask = (target: string) => site.ask({ scope, role: 'mentor', personId: 'm' }, target);

  it('sets them side by side, and says so where there is only one', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) => site.house.fellow(scope, `Ada ${index}`)),
    );
    const first = await site.house.propose(scope, [ids.slice(0, 4), ids.slice(4)]);
    const alone = await ask(`/groups/proposals/${first}/compare`);
    expect(textOf(alone.html)).toContain('There is no other proposal to compare with.');
    expect(faultsOf(alone.html)).toEqual([]);
    const second = await site.house.propose(scope, [ids]);
    const { html } = await ask(`/groups/proposals/${second}/compare?with=${first}`);
    const words = textOf(html);
    expect(words).toContain('Proposals 2 and 1');
    expect(words).toContain('8 people are placed in both; 8 of them sit with other people.');
    expect(words).toContain('Groups 1 2 People placed 8 8');
    expect(faultsOf(html)).toEqual([]);
    expect((await ask(`/groups/proposals/${first}/compare?with=nothing`)).status).toBe(404);
  });
});
