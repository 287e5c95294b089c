import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decide,
  type Facts,
  type Grade,
  outOfHundred,
  prospectOf,
  roundingOf,
  timestampOf,
} from '../../src/grades/gradebook/decide.ts';

const WITHIN = roundingOf(100);
const facts = (more: Partial<Facts>): Facts => ({
  score: 80,
  posted: null,
  sent: null,
  found: null,
  within: WITHIN,
  instead: null,
  ...more,
});

describe('What to do with a grade', () => {
  it.each<[string, Partial<Facts>, string]>([
    ['none yet', {}, 'post'],
    ['ours, older', { posted: 50, found: 50 }, 'post'],
    ['ours, as it is now', { posted: 80, found: 80 }, 'done'],
    ['what we would give, from staff', { found: 80 }, 'done'],
    ['from staff, before we ever posted', { found: 70 }, 'hold'],
    ['changed by staff', { posted: 50, found: 70 }, 'hold'],
    ['taken away by staff', { posted: 50, found: null }, 'hold'],
    ['a zero of ours, read back as none', { score: 0, posted: 0, found: null }, 'done'],
    ['a zero of ours, read back as none, and a new score', { posted: 0, found: null }, 'post'],
    ['none, and our first score is zero', { score: 0, found: null }, 'post'],
    ['a zero that was sent and never answered, so that nobody can tell', { score: 0, sent: 0 }, 'post'],
    ['a zero that was sent over another score and never answered', { score: 0, posted: 50, sent: 0 }, 'post'],
    ['sent, not answered, and there', { sent: 80, found: 80 }, 'done'],
    ['sent, not answered, and not there', { posted: 50, sent: 80, found: 50 }, 'post'],
    ['sent first of all, and not there', { sent: 80, found: null }, 'post'],
    ['sent, there, and changed here since', { score: 90, posted: 50, sent: 80, found: 80 }, 'post'],
    ['sent, and changed by staff', { posted: 50, sent: 80, found: 70 }, 'hold'],
    ['ordered, as staff saw it', { posted: 50, found: 70, instead: { of: 70 } }, 'post-over'],
    ['ordered, and changed once more', { posted: 50, found: 75, instead: { of: 70 } }, 'hold'],
    ['ordered, where staff took it away', { posted: 50, found: null, instead: { of: null } }, 'post-over'],
    ['unreadable, never posted', { found: 'unreadable' }, 'post'],
    ['unreadable, posted as it is', { posted: 80, found: 'unreadable' }, 'done'],
    ['unreadable, and the last answer lost', { posted: 80, sent: 80, found: 'unreadable' }, 'post'],
  ])('that is %s', (_what, more, expected) => {
    expect(decide(facts(more))).toBe(expected);
  });

  it.each<[number, number, number]>([
    [66.67, 20, 13.33],
    [33.33, 10, 3.33],
    [66.67, 100, 66.67],
    [66.67, 1, 0.67],
  ])('is the same though %p of 100 was kept with two decimals of %p', (posted, maximum, kept) => {
    const found = outOfHundred(kept, maximum);
    const within = roundingOf(maximum);
    expect(decide(facts({ score: 90, posted, found, within }))).toBe(maximum === 1 ? 'hold' : 'post');
  });

  const grade = fc.integer({ min: 0, max: 100 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('score' as const), value: grade }),
    fc.record({ do: fc.constant('staff' as const), value: grade }),
    fc.record({
      do: fc.constant('deliver' as const),
      ends: fc.constantFrom('well' as const, 'intended' as const, 'unstored' as const, 'unanswered' as const),
    }),
  );

  it('never runs over a grade of staff, and brings ours in the end, whatever crashes between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = { score: 80, lms: null as Grade, by: 'us', posted: null as Grade, sent: null as Grade };
        const everOurs = new Set<number>();
        const deliver = (ends: string): string => {
          // As Moodle reads a zero back.
          const found = world.lms === 0 ? null : world.lms;
          const decision = decide(facts({ ...world, found }));
          if (decision === 'done') [world.posted, world.sent] = [world.score, null];
          // What staff gave and we would have given counts as ours from then on.
          if (decision === 'done') everOurs.add(world.score);
          if (decision !== 'post') return decision;
          // What looks like one of ours may be overwritten, whoever typed it.
          if (world.by === 'staff' && world.lms !== 0) expect(everOurs).toContain(world.lms);
          // What was sent before and is found now is known as posted.
          if (found !== null && found === world.sent) world.posted = world.sent;
          world.sent = world.score;
          everOurs.add(world.score);
          if (ends === 'intended' || ends === 'unstored') return 'crash';
          [world.lms, world.by] = [world.score, 'us'];
          if (ends === 'unanswered') return 'crash';
          [world.posted, world.sent] = [world.score, null];
          return decision;
        };
        for (const one of steps) {
          if (one.do === 'score') world.score = one.value;
          if (one.do === 'staff') [world.lms, world.by] = [one.value, 'staff'];
          if (one.do === 'deliver') deliver(one.ends);
        }
        const last = deliver('well');
        if (last === 'hold') expect(world.by).toBe('staff');
        else expect(world.lms).toBe(world.score);
      }),
    );
  });
});

describe('A timestamp', () => {
  const at = (text: string): Date => new Date(`2026-11-07T15:00:${text}Z`);
  it.each<[string, string, string | null, string | null, string]>([
    ["is the activity's, in whole seconds", '05.700', null, null, '05.000'],
    ['is a second after the last where that is later', '05.700', '09.000', null, '10.000'],
    ["is the activity's where the last was long before", '05.700', '01.000', null, '05.000'],
    ['is not in the second of the last', '05.900', '05.000', null, '06.000'],
    ['is not before what the platform keeps', '05.000', '09.000', '30.400', '30.000'],
  ])('%s', (_what, activity, last, floor, expected) => {
    const maybe = (text: string | null): Date | null => (text === null ? null : at(text));
    expect(timestampOf(at(activity), maybe(last), maybe(floor))).toEqual(at(expected));
  });

  it('rises by whole seconds, whatever happened when', () => {
    const moment = fc.date({ min: at('00.000'), max: at('59.000'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(moment, fc.option(moment)), { minLength: 2 }), (sends) => {
        let last: Date | null = null;
        for (const [activity, floor] of sends) {
          const next = timestampOf(activity, last, floor);
          expect(next.getMilliseconds()).toBe(0);
          if (last !== null) expect(next.getTime() - last.getTime()).toBeGreaterThanOrEqual(1_000);
          last = next;
        }
      }),
    );
  });
});

it.each<[number | null, Parameters<typeof prospectOf>[1], string]>([
  [null, null, 'nothing'],
  [null, { state: 'posted', score: 80, posted: 80 }, 'nothing'],
  [80, null, 'post'],
  [80, { state: 'posted', score: 80, posted: 80 }, 'unchanged'],
  [90, { state: 'posted', score: 80, posted: 80 }, 'post'],
  [80, { state: 'posted', score: 80, posted: null }, 'post'],
  [80, { state: 'refused', score: 80, posted: 80 }, 'post'],
  [80, { state: 'waiting', score: 80, posted: null }, 'post'],
  [80, { state: 'held', score: 80, posted: 50 }, 'held'],
  [80, { state: 'kept', score: 80, posted: 50 }, 'kept'],
])('posting now does with a score of %p and %j: %s', (score, row, expected) => {
  expect(prospectOf(score, row)).toBe(expected);
});
