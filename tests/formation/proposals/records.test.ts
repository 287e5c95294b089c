import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { formCommand } from '../../../src/cli/form.ts';
import { say, sayToStaff } from '../../../src/formation/engine/explanation.ts';
import { figuresNow } from '../../../src/formation/board/figures.ts';
import { newEditedRun } from '../../../src/formation/proposals/proposed.store.ts';
import { whySentences } from '../../../src/formation/proposals/sentences.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { faultsOf, openSite, type TestSite } from '../../group/site.ts';
import { textOf } from '../../support/http.ts';

let site: TestSite;
let scope: CourseScope;
let folder: string;

beforeAll(async () => {
  site = await openSite();
  folder = await mkdtemp(path.join(tmpdir(), 'peer-group-run-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await site.close();
});
beforeEach(async () => {
  scope = await site.house.begin();
});

const ask = (target: string, body?: Record<string, string>, role: 'manager' | 'mentor' = 'manager') =>
  site.ask({ scope, role, personId: 'm' }, target, body);
const records = () => site.house.formation.stores.records;
const fellows = (count: number, name: string, profile: (index: number) => object = () => ({})) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => site.house.fellow(scope, `${name} ${index}`, profile(index))),
  );
async function propose(): Promise<{ at: string; id: string }> {
  await ask('/groups/propose', {});
  await site.house.jobs.runDue();
  const at = (await ask('/groups/proposing')).to ?? '';
  return { at, id: at.split('/').at(-1) ?? '' };
}
/** People who differ in all that counts. */
const varied = (index: number) => ({
  lga: index % 3 === 0 ? 'Epe' : 'Ikeja',
  skill: (index * 7) % 5,
  activity: (index * 3) % 11,
  gender: index % 4 === 0 ? 'F' : 'M',
  canLead: index % 5 === 0,
  availability: '110'.repeat(7),
  languages: index % 2 === 0 ? ['English', 'Hausa'] : ['English'],
});

describe('why somebody is in a group', () => {
  it('is kept with the proposal, and told to staff in words', async () => {
    await fellows(9, 'Ada', varied);
    await fellows(2, 'Bola', () => ({ lga: 'Badagry' }));
    const { at, id } = await propose();
    const proposal = await site.house.proposals.select(scope, id);
    const groups = await site.house.proposals.groups(scope, proposal, -1, 9);
    const known = await records().statementsOf(
      scope,
      id,
      groups.flatMap(({ memberIds }) => memberIds),
    );
    expect(known.size).toBe(proposal.people - proposal.unplaced);
    const { status, html } = await ask(`${at}/groups/0`, undefined, 'mentor');
    expect(status).toBe(200);
    const words = textOf(html);
    expect(words).toMatch(/Why \w+ \d is here/);
    expect(words).toContain('The group stands for');
    expect(words).not.toMatch(/gender|wom[ae]n|\bmale|female/i);
    expect(faultsOf(html)).toEqual([]);
    expect((await ask(at)).html).toContain(`href="/l/launch${at}/groups/0"`);
  });

  it('of a group that is not there has no page', async () => {
    await fellows(4, 'Ada');
    const { at } = await propose();
    for (const ordinal of ['1', '-1', 'x', '1e99'])
      expect((await ask(`${at}/groups/${ordinal}`)).status).toBe(404);
  });

  it('is there for the group’s own page once it is published, with their own facts only', async () => {
    const [first = ''] = await fellows(8, 'Ada', varied);
    const { id } = await propose();
    expect(await records().publishedWhy(scope, first, 'en')).toBeNull();
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    const why = await records().publishedWhy(scope, first, 'en');
    expect(why).toMatchObject({ proposalId: id });
    expect(why?.group).toMatch(/Data Science/);
    expect(why?.sentences.length).toBeGreaterThan(2);
    expect(why?.sentences.every(({ key }) => key.startsWith('formation:why_fellow.'))).toBe(true);
    const times = why?.sentences.find(({ key }) => key.endsWith('.slots'));
    expect(times?.slots).toContainEqual({ day: 'Mon', part: 'morning' });
    const said = JSON.stringify(why);
    const everybody = await site.house.course.enrolments.list(scope, {}, null, 99);
    expect(everybody).toHaveLength(8);
    for (const { personId } of everybody) expect(said).not.toContain(personId);
    expect(said).not.toMatch(/isolated|gender/);
  });

  it('is not told where a hand changed who is in the group, also of those who stayed', async () => {
    const people = await fellows(24, 'Ada', varied);
    const { at, id } = await propose();
    const proposal = await site.house.proposals.select(scope, id);
    const all = await site.house.proposals.groups(scope, proposal, -1, 9);
    const [one, other, untouched] = all.toSorted((a, b) => b.memberIds.length - a.memberIds.length);
    expect(untouched?.memberIds.length).toBeGreaterThan(3);
    const page = async () => textOf((await ask(`${at}/groups/${one!.ordinal}`)).html);
    expect(await page()).toContain('exchange');
    // What "Improve the rest" does: two change places in a run of its own, and nobody counts as moved.
    const [first, second] = [one!.memberIds[0]!, other!.memberIds[0]!];
    const turned = (ids: readonly string[]) =>
      ids.map((who) => (who === first ? second : who === second ? first : who));
    const run = newEditedRun(new Date());
    const rows = (await site.house.proposals.groupsOfTracks(scope, proposal, ['Data Science'])).map(
      (row) => ({
        ...row,
        memberIds: turned(row.memberIds),
      }),
    );
    await site.house.proposals.put(scope, { id, run }, rows, []);
    await site.house.proposals.commitEdit(scope, id, 0, { ...figuresNow(proposal), run });
    expect(await page()).not.toContain('exchange');
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    const told = await Promise.all(people.map((who) => records().publishedWhy(scope, who, 'en')));
    const silent = people.filter((_, index) => told[index] === null);
    expect(silent.toSorted()).toEqual([...one!.memberIds, ...other!.memberIds].toSorted());
  });

  it('tells a fellow nothing of staff’s word on who is with whom, and nobody anything of gender', () => {
    const statements = [
      say('together', { count: 2 }),
      sayToStaff('apart', { count: 1 }),
      say('swap', { group: 'G 2', worsens: ['no_lead'] }),
      sayToStaff('swap', { group: 'G 2', worsens: ['no_lead', 'isolated'], person: 'p' }),
    ];
    const names = { person: 'Ada', group: 'Lagos 2' };
    const fellow = whySentences(statements, 'fellow', { person: null, group: 'Lagos 2' });
    expect(fellow.map(({ key }) => key)).toEqual(['formation:why_fellow.swap_worse']);
    expect(fellow[0]).toMatchObject({ params: { group: 'Lagos 2', person: '' }, terms: ['no_lead'] });
    const staff = whySentences(statements, 'staff', names);
    expect(staff.map(({ key }) => key)).toEqual([
      'formation:why_staff.together',
      'formation:why_staff.apart',
      'formation:why_staff.swap_worse',
    ]);
    expect(staff[2]).toMatchObject({ params: names, terms: ['no_lead'] });
  });

  it('has words for all that the engine may say', async () => {
    const words = JSON.parse(await readFile('locales/en/formation.json', 'utf8')) as Record<
      'why_staff' | 'why_fellow',
      Record<string, string>
    >;
    const some = { place: 'P', rung: 'lga', people: 1, needed: 4, size: 4, ideal: 6, groups: 2, count: 1 };
    const all = [
      ...(['place_too_few', 'place_others', 'place_group', 'local', 'size_ideal'] as const),
      ...(['size_even', 'size_locals', 'size_kept', 'leads', 'slots', 'slots_short', 'languages'] as const),
      ...(['met_before', 'swap', 'swap_none', 'move_joined', 'move_dissolved', 'move_borrowed'] as const),
      ...(['move_pinned', 'unplaced'] as const),
    ].flatMap((code) => [
      say(code, { ...some, slots: [1], languages: ['English'], worsens: ['no_lead'], group: 'G' }),
      say(code, { ...some, place: '', count: 0, slots: [], languages: [], worsens: [], group: 'G' }),
    ]);
    const guests = ['lga', 'state', 'zone', 'country'].map((meets) => say('guest', { place: 'P', meets }));
    for (const reader of ['staff', 'fellow'] as const)
      for (const { key } of whySentences([...all, ...guests], reader, { person: null, group: null })) {
        const name = key.split('.')[1] ?? '';
        const known = words[`why_${reader}`];
        expect([name, known[name] ?? known[`${name}_other`]]).toEqual([name, expect.any(String)]);
      }
  });
});

describe('the record of a run', () => {
  it('is no mentor’s, and that it was taken is written down', async () => {
    await fellows(4, 'Ada');
    const { at } = await propose();
    expect((await ask(`${at}/input.csv`, undefined, 'mentor')).status).toBe(403);
    expect((await ask(`${at}/input.csv`)).status).toBe(200);
    const lines = await site.house.database.connection
      .collection('audit')
      .find({ courseId: scope.courseId, action: 'download_run' })
      .toArray();
    expect(lines).toHaveLength(1);
  });

  it('replayed by the command gives the same groups', async () => {
    const people = await fellows(26, 'Ada', varied);
    await fellows(3, 'Femi', () => ({ track: 'Animation' }));
    const { setup } = site.house.formation.stores;
    const [a = '', b = '', c = '', d = ''] = people;
    await setup.putWishes(
      scope,
      [
        { kind: 'with', a, b },
        { kind: 'apart', a: c, b: d },
        { kind: 'before', a: c, b: '=Old, group' },
        { kind: 'before', a: d, b: '=Old, group' },
      ],
      'm',
    );
    const set = {
      min: 3,
      ideal: 5,
      max: 7,
      ignore: ['isolated' as const],
      crossTrack: false,
      anywhere: false,
    };
    await setup.save(scope, 0, set, 'm');
    const { at, id } = await propose();
    const proposal = await site.house.proposals.select(scope, id);
    const [input, out] = ['input.csv', 'groups.csv'].map((name) => path.join(folder, name));
    const csv = (await ask(`${at}/input.csv`)).html;
    expect(csv).not.toContain('Ada');
    await writeFile(input ?? '', csv);
    const command = />npm run --silent form -- (\S+) --out groups\.csv ([^<]*)</.exec((await ask(at)).html);
    const said: string[] = [];
    const code = await formCommand(
      [input ?? '', '--out', out ?? '', ...(command?.[2] ?? '').trim().split(' ')],
      { print: () => undefined, printError: (line) => said.push(line) },
    );
    expect([code, said]).toEqual([0, []]);
    expect(command?.[2]).toContain('--min 3 --ideal 5 --max 7 --ignore isolated');
    const rows = parse<{ id: string; group: string }>(await readFile(out ?? ''), { columns: true });
    const replayed = new Map(rows.map((row) => [row.id, row.group]));
    const groups = await site.house.proposals.groups(scope, proposal, -1, 99);
    expect(rows).toHaveLength(29);
    expect(groups.length).toBeGreaterThan(4);
    for (const { name, memberIds } of groups)
      expect(memberIds.map((member) => replayed.get(member))).toEqual(memberIds.map(() => name));
  });

  it('of attempts that lost is forgotten', async () => {
    const [a = ''] = await fellows(4, 'Ada');
    const { id } = await propose();
    const late = records().begin(scope, { id, run: 'late' }, { people: [] });
    late.explained([{ id: a, statements: [] }]);
    await late.done();
    const { run } = await site.house.proposals.select(scope, id);
    await records().settle(scope, id, run);
    await records().settle(scope, id, run);
    const rows = await site.house.database.connection
      .collection('proposal_records')
      .find({ proposalId: id })
      .toArray();
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => String(row['run'])))).toEqual(new Set([run]));
  });

  it('says what it knew of somebody to them, and forgets it when they are erased', async () => {
    const [a = ''] = await fellows(4, 'Ada', varied);
    const { at } = await propose();
    const { privacy } = site.house.formation.room;
    expect(await privacy.export(scope, a)).toMatchObject({ runs: [{ id: a, gender: 'F' }] });
    await privacy.erase(scope, a);
    await privacy.erase(scope, a);
    expect(await privacy.export(scope, a)).toMatchObject({ runs: [] });
    expect((await ask(`${at}/input.csv`)).html).not.toContain(`${a},`);
    const { html } = await ask(`${at}/groups/0`);
    expect(textOf(html)).toContain('No explanation is kept for this person');
  });
});
