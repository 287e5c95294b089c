import { describe, expect, it } from '@jest/globals';
import { standingOf } from '../../src/group/here.ts';
import { approveLink } from '../../src/group/meetups/channels.ts';
import { startsOf } from '../../src/group/meetups/times.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const iso = (starts: ReturnType<typeof startsOf>) =>
  typeof starts === 'string' ? starts : starts.map((start) => start.toISOString());

describe('a meeting link', () => {
  it.each([
    ['https://discord.gg/abc', 'Discord'],
    ['https://discord.com/channels/1/2', 'Discord'],
    ['https://chat.whatsapp.com/abc', 'WhatsApp'],
    ['https://wa.me/2348000000000', 'WhatsApp'],
    ['https://www.whatsapp.com/channel/x', 'WhatsApp'],
    ['https://meet.google.com/abc-defg-hij', 'Google Meet'],
    ['https://us02web.zoom.us/j/123?pwd=x', 'Zoom'],
    ['https://teams.microsoft.com/l/meetup-join/x', 'Microsoft Teams'],
    ['https://teams.live.com/meet/1', 'Microsoft Teams'],
    ['https://MEET.GOOGLE.COM/abc', 'Google Meet'],
  ])('on an approved channel is taken: %s', (link, channel) => {
    expect(approveLink(link, [])).toMatchObject({ channel });
  });

  it('is taken on a channel that the course added, and there alone', () => {
    const added = [{ host: 'meet.jit.si', label: 'Jitsi' }];
    expect(approveLink('https://meet.jit.si/us', added)).toMatchObject({ channel: 'Jitsi' });
    expect(approveLink('https://meet.jit.si/us', [])).toBe('link_channel');
    expect(approveLink('https://evilmeet.jit.si/us', added)).toBe('link_channel');
  });

  it.each([
    'https://zoom.us.evil.com/j/1',
    'https://evilzoom.us/j/1',
    'https://zoom.us@evil.com/j/1',
    'https://evil.com@zoom.us/j/1',
    'https://user:word@zoom.us/j/1',
    'https://zoom.us:8443/j/1',
    'http://zoom.us/j/1',
    'https://evil.com/https://zoom.us/j/1',
    'https://evil.com#zoom.us',
    'https://evil.com\\@zoom.us/j/1',
    'https://zооm.us/j/1',
    'https://zoom.us%2eevil.com/j/1',
    'https://discord.gg.evil.com/abc',
    'https://notdiscord.com/x',
    'javascript:alert(1)//zoom.us',
    'data:text/html,zoom.us',
    '//zoom.us/j/1',
    'zoom.us/j/1',
    '',
    `https://zoom.us/j/${'1'.repeat(600)}`,
  ])('that is not plainly on an approved channel is refused: %s', (link) => {
    expect(typeof approveLink(link, [])).toBe('string');
  });
});

describe('a meetup time', () => {
  it('is read on the clocks of the group', () => {
    expect(iso(startsOf('2026-03-07', '16:00', 'Africa/Lagos', 'once', 5, NOW))).toEqual([
      '2026-03-07T15:00:00.000Z',
    ]);
  });

  it('keeps its clock time when summer time begins in between', () => {
    expect(iso(startsOf('2026-03-22', '16:00', 'Europe/London', 'weekly', 3, NOW))).toEqual([
      '2026-03-22T16:00:00.000Z',
      '2026-03-29T15:00:00.000Z',
      '2026-04-05T15:00:00.000Z',
    ]);
  });

  it('repeats every two weeks, twelve times at most', () => {
    const starts = startsOf('2026-03-07', '16:00', 'Africa/Lagos', 'biweekly', 99, NOW);
    expect(starts).toHaveLength(12);
    expect(iso(starts)[1]).toBe('2026-03-21T15:00:00.000Z');
  });

  it.each([
    ['that the clocks skip', '2026-03-29', '01:30', 'time_skipped'],
    ['of a day that is over', '2026-02-01', '16:00', 'date_past'],
    ['that is over today', '2026-03-01', '00:00', 'time_past'],
    ['years away', '2036-02-01', '16:00', 'time_far'],
    ['that is no date', '2026-02-31', '16:00', 'date_unreadable'],
    ['that is no time', '2026-03-07', '25:00', 'time_unreadable'],
    ['in other words', '2026-03-07', '4 pm', 'time_unreadable'],
  ])('%s is refused', (_what, date, time, reason) => {
    expect(startsOf(date, time, 'Europe/London', 'once', 1, NOW)).toBe(reason);
  });
});

describe('standing in a group', () => {
  const fellow = (personId: string) => ({ role: 'fellow' as const, personId });
  it('lets a fellow see their own group alone', () => {
    expect(standingOf(fellow('a'), ['a', 'b'], [])).toEqual({ sees: true, leads: false, manages: false });
    expect(standingOf(fellow('c'), ['a', 'b'], []).sees).toBe(false);
  });
  it('gives a lead their rights while they are a member, and no longer', () => {
    expect(standingOf(fellow('a'), ['a', 'b'], ['a']).leads).toBe(true);
    expect(standingOf(fellow('a'), ['b'], ['a'])).toEqual({ sees: false, leads: false, manages: false });
  });
  it('lets a mentor see everything and change nothing', () => {
    const mentor = { role: 'mentor' as const, personId: 'm' };
    expect(standingOf(mentor, ['a'], ['m'])).toEqual({ sees: true, leads: false, manages: false });
  });
});
