import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formCommand } from '../../src/cli/form.ts';

const FELLOWS = Array.from({ length: 9 }, (_, at) => `f${at},Data Science,Ikeja,Lagos`);
const ROSTER = ['id,track,lga,state', ...FELLOWS, ''].join('\n');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'form-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

async function form(roster: string | Buffer, ...options: string[]) {
  await writeFile(at('roster.csv'), roster);
  const said: string[] = [];
  const complained: string[] = [];
  const args = [at('roster.csv'), '--out', at('groups.csv'), ...options];
  const code = await formCommand(args, {
    print: (line) => said.push(line),
    printError: (line) => complained.push(line),
  });
  return { code, said, complained };
}

async function groups(name = 'groups.csv'): Promise<Record<string, string>[]> {
  return parse(await readFile(at(name)), { columns: true });
}

const rows = (...lines: string[]): string => ['id,track,must_with,must_not_with', ...lines, ''].join('\n');

describe('input that makes no sense ends with code 2 and one sentence', () => {
  const several = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `p${from + index},T,,`);
  const cases: [what: string, roster: string | Buffer, options: string[], sentence: RegExp][] = [
    ['an empty file', '', [], /line 1: the file is empty/],
    ['no header', 'f1,Data Science\nf2,Data Science\n', [], /line 1: the header has no column "id"/],
    ['no id column', 'name,track\nx,T\n', [], /line 1: the header has no column "id"/],
    ['no track column', 'id,lga\nx,T\n', [], /line 1: the header has no column "track"/],
    ['a column twice', 'id,track,id\nx,T,y\n', [], /line 1: the column id occurs twice/],
    ['a blank id', 'id,track\na,T\n ,T\n', [], /line 3: the id is blank/],
    ['a blank track', 'id,track\na,T\nb,\n', [], /line 3: the track is blank/],
    ['an id twice', 'id,track\na,T\nb,T\na,T\n', [], /line 4: the id occurs twice/],
    ['an id twice but for spaces', 'id,track\na,T\n a,T\n', [], /line 3: the id occurs twice/],
    [
      'a quote that is never closed',
      'id,track\na,T\n"b,T\nc,T\n',
      [],
      /line 3: a quoted field is never closed/,
    ],
    ['text after a quote', 'id,track\n"a"b,T\n', [], /line 2: text follows a closing quote/],
    ['too many fields', 'id,track\na,T,x\n', [], /line 2: the row has more fields/],
    ['a skill that is no number', 'id,track,skill\na,T,good\n', [], /line 2: skill is not a number/],
    ['an unknown gender', 'id,track,gender\na,T,X\n', [], /line 2: gender must be/],
    ['a lead that is neither', 'id,track,can_lead\na,T,maybe\n', [], /line 2: can_lead must be/],
    ['too few slots', 'id,track,availability\na,T,0101\n', [], /line 2: availability must be 21/],
    [
      'text that is not UTF-8',
      Buffer.from('id,track\nCaf\xe9,T\n', 'latin1'),
      [],
      /line 2: the text is not UTF-8/,
    ],
    ['line breaks within fields before it', 'id,track\n"a\nb",T\n,T\n', [], /line 4: the id is blank/],
    [
      'a set that is too large',
      rows('p0,T,p1;p2;p3;p4;p5;p6;p7;p8;p9;p10,', ...several(1, 12)),
      [],
      /line 2: .*larger/,
    ],
    ['a set that contradicts', rows('p0,T,p1,p1', ...several(1, 12)), [], /line 2: .*must not be with/],
    ['a set across tracks', rows('p0,T,u1,', 'u1,U,,', ...several(1, 12)), [], /line 2: .*spans tracks/],
    ['min above max', ROSTER, ['--min', '9', '--max', '5'], /1 <= --min <= --ideal <= --max/],
    ['an ideal outside', ROSTER, ['--ideal', '12'], /1 <= --min <= --ideal <= --max/],
    ['a size of nobody', ROSTER, ['--min', '0'], /1 <= --min <= --ideal <= --max/],
    ['a seed that is no number', ROSTER, ['--seed', 'x'], /--seed must be a whole number/],
    ['no workers', ROSTER, ['--workers', '0'], /--workers must be between/],
    ['an unknown option', ROSTER, ['--colour'], /Unknown option '--colour'/],
    ['an option without its value', ROSTER, ['--report'], /'--report <value>' argument missing/],
    ['two rosters', ROSTER, ['other.csv'], /One roster at a time/],
    ['a previous file that is not there', ROSTER, ['--previous', '/nowhere/g.csv'], /does not exist/],
  ];
  it.each(cases)('%s', async (_what, roster, options, sentence) => {
    await writeFile(at('groups.csv'), 'as it was');
    const { code, said, complained } = await form(roster, ...options);
    expect(complained).toHaveLength(1);
    expect(complained[0]).toMatch(sentence);
    expect(complained[0]).toMatch(/^[^\n]+\.$/);
    expect({ code, said }).toEqual({ code: 2, said: [] });
    expect(await readFile(at('groups.csv'), 'utf8')).toBe('as it was');
    expect(await readdir(folder)).toEqual(['groups.csv', 'roster.csv']);
  });

  it('a previous file with a person twice', async () => {
    await writeFile(at('before.csv'), 'id,group\nf1,A\nf2,A\nf1,B\n');
    const { code, complained } = await form(ROSTER, '--previous', at('before.csv'));
    expect({ code, complained }).toEqual({
      code: 2,
      complained: [`${at('before.csv')}, line 4: the id occurs twice.`],
    });
  });

  it.each([
    ['the roster as output', ['--out', 'roster.csv'], '--out must not be the roster itself.'],
    ['the roster as report', ['--report', 'roster.csv'], '--report must not be the roster itself.'],
    ['one file for both', ['--report', 'groups.csv'], '--report and --out must be two files.'],
  ])('%s', async (_what, [option = '', name = ''], sentence) => {
    const { code, complained } = await form(ROSTER, option, at(name));
    expect({ code, complained }).toEqual({ code: 2, complained: [sentence] });
    expect(await readFile(at('roster.csv'), 'utf8')).toBe(ROSTER);
  });

  it('a folder that is not there', async () => {
    const { code, complained } = await form(ROSTER, '--report', join(folder, 'nowhere', 'r.json'));
    expect(code).toBe(2);
    expect(complained[0]).toMatch(/cannot be written/);
    expect(await readdir(folder)).toEqual(['roster.csv']);
  });
});

describe('files as people have them', () => {
  it('come with semicolons, a byte order mark, CRLF, quotes and any alphabet, and ids go out as they came', async () => {
    const ids = ['é', 'ẹ̀kọ́', 'عمر', '"q"', 'a;b', ' spaced ', 'x\ny', '李'];
    const lines = ids.map((id) => `"${id.replaceAll('"', '""')}";"Data; Science";"Èkó";12,5;nothing`);
    const { code, complained } = await form(
      `\uFEFFID;Track;State;Skill;shoe size\r\n${lines.join('\r\n')}\r\n`,
    );
    expect({ code, complained }).toEqual({ code: 0, complained: [] });
    const written = await groups();
    expect(written.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(new Set(written.map(({ place, rung }) => `${rung} ${place}`))).toEqual(new Set(['state Èkó']));
  });

  it('may have tabs and columns in any order', async () => {
    const { code } = await form(`track\tid\n${[1, 2, 3, 4].map((n) => `T\tp${n}`).join('\n')}`);
    expect(code).toBe(0);
    expect(await groups()).toEqual(
      [1, 2, 3, 4].map((n) => ({
        id: `p${n}`,
        group: 'T 1',
        place: '',
        rung: 'country',
        guest: '0',
        reason: '',
      })),
    );
  });

  it('may hold nobody', async () => {
    expect((await form('id,track\n')).code).toBe(0);
    expect(await readFile(at('groups.csv'), 'utf8')).toBe('id,group,place,rung,guest,reason\n');
  });
});

describe('the result', () => {
  it('says of everybody where they are, and of those who are nowhere why', async () => {
    await form(`${ROSTER}solo,Animation,Ikeja,Lagos\n`);
    const written = await groups();
    expect(Object.keys(written[0]!)).toEqual(['id', 'group', 'place', 'rung', 'guest', 'reason']);
    expect(written.find(({ id }) => id === 'solo')).toEqual({
      id: 'solo',
      group: '',
      place: '',
      rung: '',
      guest: '0',
      reason: 'too_few_in_track',
    });
  });

  it('comes with a report of every term beside its bound and chance', async () => {
    await form(ROSTER, '--report', at('report.json'), '--seed', '7');
    const report = JSON.parse(await readFile(at('report.json'), 'utf8')) as {
      seconds: number;
      terms: { name: string; value: number; bound: number; random: number }[];
    };
    expect(report).toMatchObject({ people: 9, groups: 2, unplaced: 0, seed: 7 });
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.terms.map(({ name }) => name)).toEqual([
      'unplaced',
      'location',
      'no_lead',
      'isolated',
      'short_availability',
      'no_common_language',
      'together_before',
      'size',
      'balance_skill',
      'balance_activity',
    ]);
    for (const { value, bound, random } of report.terms) {
      expect([value, bound, random].every(Number.isFinite)).toBe(true);
      expect(bound).toBeLessThanOrEqual(value);
    }
  });

  it('says which tracks may not be as near to their places as they could be', async () => {
    const clique = 'f0;f1;f2;f3';
    const city = Array.from({ length: 11 }, (_, n) => `f${n},T,Ikeja,Lagos,${n < 4 ? clique : ''}`);
    const town = Array.from({ length: 8 }, (_, n) => `g${n},T,Badagry,Lagos,`);
    const others = Array.from({ length: 6 }, (_, n) => `h${n},U,Ikeja,Lagos,`);
    const roster = ['id,track,lga,state,must_not_with', ...city, ...town, ...others, ''].join('\n');
    await form(roster, '--report', at('report.json'));
    const report = JSON.parse(await readFile(at('report.json'), 'utf8')) as Record<string, unknown>;
    expect(report['not_proven']).toEqual(['T']);
  });

  it('is the same to the byte for another order of rows and another number of workers', async () => {
    const cohort = await readFile('tests/fixtures/cohorts/cohort-3000.csv', 'utf8');
    const [header = '', ...people] = cohort.trimEnd().split('\n');
    const outcomes: string[] = [];
    for (const [lines, workers] of [
      [people, '1'],
      [people.toReversed(), '2'],
    ] as const) {
      await form([header, ...lines, ''].join('\n'), '--workers', workers, '--report', at('report.json'));
      const report = JSON.parse(await readFile(at('report.json'), 'utf8')) as Record<string, unknown>;
      outcomes.push(
        `${await readFile(at('groups.csv'), 'utf8')}${JSON.stringify({ ...report, seconds: 0 })}`,
      );
    }
    expect(outcomes[1]).toBe(outcomes[0]);
  });

  it('keeps the groups of an earlier one, also where it is written over it', async () => {
    await form(ROSTER);
    const before = await readFile(at('groups.csv'), 'utf8');
    await form(ROSTER, '--previous', at('groups.csv'), '--seed', '99');
    expect(await readFile(at('groups.csv'), 'utf8')).toBe(before);
  });

  it('mixes tracks only where it is told to', async () => {
    const roster = `${ROSTER}solo,Animation,Ikeja,Lagos\n`;
    await form(roster, '--cross-track');
    expect((await groups()).find(({ id }) => id === 'solo')).toMatchObject({
      place: 'Ikeja',
      rung: 'lga',
      guest: '0',
    });
  });
});

it('runs as a command of its own', async () => {
  await writeFile(at('roster.csv'), ROSTER);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'form', ...args], { encoding: 'utf8' });
  expect(run(at('roster.csv'), '--out', at('groups.csv'))).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expect(await groups()).toHaveLength(9);
  expect(run(at('nobody.csv'), '--out', at('groups.csv'))).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `${at('nobody.csv')} does not exist.\n`,
  });
});
