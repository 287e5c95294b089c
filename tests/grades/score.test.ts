import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../src/course/evidence/evidence.store.ts';
import { type Belonging, score, type Told } from '../../src/grades/participation/score.ts';

const day = (number: number): Date => new Date(Date.UTC(2026, 10, number));
const always: Belonging[] = [{ groupId: 'a', from: day(1), until: null }];
const event = (outcome: Outcome, at = day(5), groupId = 'a', kind = 'meetup'): Told => ({
  kind,
  opportunityId: `${outcome}-${at.getTime()}`,
  groupId,
  occurredAt: at,
  outcome,
});

describe('A participation score', () => {
  it.each<[Outcome[], number | null]>([
    [[], null],
    [['met'], 100],
    [['missed'], 0],
    [['met', 'missed'], 50],
    [['met', 'met', 'missed'], 66.67],
    [['met', 'missed', 'missed'], 33.33],
    [['met', 'excused', 'excused'], 100],
    [['excused'], null],
    [['disputed', 'unproven'], null],
    [['met', 'disputed', 'unproven'], 100],
  ])('of %j is %p', (outcomes, expected) => {
    const events = outcomes.map((outcome, index) => event(outcome, day(2 + index)));
    expect(score(events, always).score).toBe(expected);
  });

  it('is rounded half up to two decimals', () => {
    const of = (met: number, missed: number) =>
      score(
        [
          ...Array.from({ length: met }, (_, index) => event('met', new Date(day(2).getTime() + index))),
          ...Array.from({ length: missed }, (_, index) =>
            event('missed', new Date(day(3).getTime() + index)),
          ),
        ],
        always,
      ).score;
    expect(of(1, 31)).toBe(3.13);
    expect(of(5, 155)).toBe(3.13);
    expect(of(2, 1)).toBe(66.67);
  });

  it('counts from the day of joining to the day of leaving, in the group that was left', () => {
    const moved: Belonging[] = [
      { groupId: 'a', from: day(3), until: day(10) },
      { groupId: 'b', from: day(10), until: null },
    ];
    const events = [
      event('missed', day(2)),
      event('met', day(3)),
      event('missed', day(9), 'b'),
      event('missed', day(10)),
      event('met', day(10), 'b'),
      event('missed', day(11), 'b'),
    ];
    const { points, ...rest } = score(events, moved);
    expect(rest).toEqual({ score: 66.67, met: 2, missed: 1, activityAt: day(11) });
    expect(points.map(({ weight }) => weight)).toEqual([
      'outside',
      'met',
      'outside',
      'outside',
      'met',
      'missed',
    ]);
  });

  it('does not count what is no meetup', () => {
    expect(score([event('missed', day(4), 'a', 'quiz'), event('met')], always).score).toBe(100);
  });

  it('is dated by the last event that counts, not by an excuse after it', () => {
    expect(score([event('met', day(4)), event('excused', day(8))], always).activityAt).toEqual(day(4));
  });

  const outcome = fc.constantFrom<Outcome>('met', 'missed', 'excused', 'disputed', 'unproven');
  const events = fc.array(
    fc.record({
      kind: fc.constantFrom('meetup', 'quiz'),
      opportunityId: fc.uuid(),
      groupId: fc.constantFrom('a', 'b'),
      occurredAt: fc.integer({ min: 1, max: 28 }).map(day),
      outcome,
    }),
  );
  const memberships = fc.array(
    fc.record({
      groupId: fc.constantFrom('a', 'b'),
      from: fc.integer({ min: 1, max: 28 }).map(day),
      until: fc.option(fc.integer({ min: 1, max: 28 }).map(day)),
    }),
  );

  it('is between 0 and 100 with two decimals, and null exactly where nothing counts', () => {
    fc.assert(
      fc.property(events, memberships, (told, belonging) => {
        const { score: value, met, missed, activityAt } = score(told, belonging);
        expect(value === null).toBe(met + missed === 0);
        expect(activityAt === null).toBe(value === null);
        if (value === null) return;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
        expect(Math.abs(value - (100 * met) / (met + missed))).toBeLessThanOrEqual(0.005 + 1e-9);
        expect(value).toBe(Number(value.toFixed(2)));
      }),
    );
  });

  it('does not depend on the order of events, nor on those outside the time of membership', () => {
    fc.assert(
      fc.property(events, memberships, fc.integer(), (told, belonging, seed) => {
        const whole = score(told, belonging);
        const turned = told.toSorted((a, b) => (a.opportunityId + String(seed) < b.opportunityId ? -1 : 1));
        const inside = whole.points.filter(({ weight }) => weight !== 'outside');
        expect(score(turned, belonging).score).toBe(whole.score);
        expect(score(inside, belonging).score).toBe(whole.score);
      }),
    );
  });

  it('does not fall with one more meetup attended, nor rise with one more missed', () => {
    fc.assert(
      fc.property(events, (told) => {
        const before = score(told, always).score;
        const more = score([...told, event('met')], always).score;
        const less = score([...told, event('missed')], always).score;
        expect(more).toBeGreaterThanOrEqual(before ?? 0);
        expect(less).toBeLessThanOrEqual(before ?? 100);
      }),
    );
  });
});
