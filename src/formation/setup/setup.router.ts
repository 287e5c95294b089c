import type { Response } from 'express';
import { fold } from '../../course/fold.ts';
import { personIdOf } from '../../course/identity.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { decodeUtf8, type Fatal } from '../../course/table.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import {
  allow,
  createRouter,
  field,
  fieldList,
  type RoomRouter,
  seeOther,
  visitOf,
} from '../../web/routing.ts';
import {
  LEAST_SIZE,
  MOST_SIZE,
  readSizes,
  type SizesRefusal,
  type TypedSizes,
  warningsOf,
} from '../proposals/rules-form.ts';
import { COUNTED, DEFAULT_SETUP, ignoredOf, type Setup } from './setup.ts';
import type { KnownSetup, KnownWish, SetupStore } from './setup.store.ts';
import {
  type FindPerson,
  personFinder,
  readWishes,
  type ReadWishes,
  WISH_COLUMNS_ALL,
} from './wishes-csv.ts';

export type SetupDeps = { readonly course: CourseStores; readonly setup: SetupStore };
type Typed = Pick<Setup, 'ignore' | 'crossTrack' | 'anywhere'> & { readonly sizes: TypedSizes };
/** What the page says besides the set-up itself. */
type Told = {
  readonly saved?: boolean;
  readonly refusal?: SizesRefusal;
  /** Somebody else saved meanwhile: what they saved. */
  readonly stale?: KnownSetup;
  /** Why a pair was not taken: a code of words, and what was typed. */
  readonly pair?: {
    readonly code: string;
    readonly one: string;
    readonly other: string;
    readonly kind: string;
  };
  readonly fatal?: Fatal;
  readonly read?: ReadWishes;
};

const WISHES_A_PAGE = 50;
const MOST_FINDINGS = 100;

/** How the course forms its groups: sizes, what counts, who must and must not be together. */
export function setupRouter({ course, setup }: SetupDeps): RoomRouter {
  const router = createRouter();

  async function show(res: Response, after: string, typed: Typed | null, told: Told): Promise<void> {
    const { scope } = visitOf(res);
    const [known, rows, count] = await Promise.all([
      setup.find(scope),
      setup.wishes(scope, after, WISHES_A_PAGE + 1),
      setup.countWishes(scope),
    ]);
    const shown = rows.slice(0, WISHES_A_PAGE);
    page(res, 'formation/setup', {
      ...{ saved: false, refusal: null, stale: null, pair: null, fatal: null, read: null, ...told },
      ...{ counted: COUNTED, columns: WISH_COLUMNS_ALL, least: LEAST_SIZE, most: MOST_SIZE },
      mostFindings: MOST_FINDINGS,
      known,
      typed: typed ?? typedOf(known),
      warnings: warningsOf(known),
      unchanged: isDefault(known),
      wishes: await named(scope, shown),
      wishCount: count,
      first: after === '',
      next: rows.length > WISHES_A_PAGE ? (shown.at(-1)?.key ?? null) : null,
    });
  }
  const named = async (scope: CourseScope, wishes: readonly KnownWish[]) => {
    const ids = wishes.flatMap(({ kind, a, b }) => (kind === 'before' ? [a] : [a, b]));
    const people = await course.enrolments.findMany(scope, ids);
    const names = new Map(people.map((person) => [person.personId, displayName(person)]));
    const nameOf = (id: string): string => names.get(id) ?? '–';
    return wishes.map((wish) => ({
      ...wish,
      one: nameOf(wish.a),
      other: wish.kind === 'before' ? wish.b : nameOf(wish.b),
    }));
  };
  /** Finds these few, without reading everybody. */
  const finderFor = async (res: Response, words: readonly string[]): Promise<FindPerson> => {
    const { scope, platformId } = visitOf(res);
    const folded = words.map(fold);
    const personIds = words.map((word) => personIdOf(platformId, word));
    return personFinder(
      await course.enrolments.findFellows(scope, { personIds, emails: folded, names: folded }),
    );
  };
  const finderOf = async (scope: CourseScope): Promise<FindPerson> => {
    const fellows = [];
    for await (const batch of course.enrolments.each(scope, 'fellow')) fellows.push(...batch);
    return personFinder(fellows);
  };

  router.get('/groups/setup', allow('manager'), async (req, res) => {
    await show(res, field(req.query, 'after'), null, { saved: field(req.query, 'saved') === '1' });
  });
  router.post('/groups/setup', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const typed: Typed = {
      sizes: { min: field(req.body, 'min'), ideal: field(req.body, 'ideal'), max: field(req.body, 'max') },
      ignore: ignoredOf(fieldList(req.body, 'count')),
      crossTrack: field(req.body, 'cross_track') === 'yes',
      anywhere: field(req.body, 'anywhere') === 'yes',
    };
    const sizes = readSizes(typed.sizes);
    if ('reason' in sizes) return show(res.status(422), '', typed, { refusal: sizes });
    const { min, ideal, max } = sizes;
    const { ignore, crossTrack, anywhere } = typed;
    const next = { min, ideal, max, ignore, crossTrack, anywhere };
    if (!(await setup.save(scope, Number(field(req.body, 'revision')) || 0, next, personId)))
      return show(res.status(409), '', typed, { stale: await setup.find(scope) });
    const details = { min, ideal, max, crossTrack, anywhere, ignore: ignore.join(' ') };
    await course.audit.note(scope, personId, 'formation_setup', null, details);
    seeOther(res, '/groups/setup?saved=1');
  });

  router.post('/groups/setup/pairs', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const kind = field(req.body, 'kind') === 'apart' ? 'apart' : 'with';
    const [one, other] = [field(req.body, 'one').slice(0, 200), field(req.body, 'other').slice(0, 200)];
    const find = await finderFor(res, [one, other]);
    const [a, b] = [find(one), find(other)];
    const refuse = (code: string): Promise<void> =>
      show(res.status(422), '', null, { pair: { code, one, other, kind } });
    if ('code' in a) return refuse(`${a.code}_one`);
    if ('code' in b) return refuse(`${b.code}_other`);
    if (a.personId === b.personId) return refuse('wish_self');
    await setup.putWishes(scope, [{ kind, a: a.personId, b: b.personId }], personId);
    await course.audit.note(scope, personId, `formation_${kind}`, a.personId, { other: b.personId });
    seeOther(res, '/groups/setup?saved=1#pairs');
  });
  router.post('/groups/setup/pairs/remove', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const key = field(req.body, 'key').slice(0, 200);
    if (await setup.removeWish(scope, key)) await course.audit.note(scope, personId, 'formation_unpair', key);
    seeOther(res, '/groups/setup#pairs');
  });
  router.post('/groups/setup/pairs/file', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const file = res.locals['file'] as Buffer | undefined;
    const text = file !== undefined && file.length > 0 ? decodeUtf8(file) : field(req.body, 'text');
    if (text === null)
      return show(res.status(422), '', null, { fatal: { code: 'csv_encoding', params: {} } });
    const read = readWishes(text, await finderOf(scope));
    if ('code' in read) return show(res.status(422), '', null, { fatal: read });
    await setup.putWishes(scope, read.wishes, personId);
    await course.audit.note(scope, personId, 'formation_pairs_file', null, { taken: read.wishes.length });
    await show(res, '', null, { read });
  });
  return router;
}

function typedOf({ min, ideal, max, ignore, crossTrack, anywhere }: Setup): Typed {
  return {
    sizes: { min: String(min), ideal: String(ideal), max: String(max) },
    ignore,
    crossTrack,
    anywhere,
  };
}

function isDefault(setup: Setup): boolean {
  const { min, ideal, max, ignore, crossTrack, anywhere } = setup;
  return JSON.stringify({ min, ideal, max, ignore, crossTrack, anywhere }) === JSON.stringify(DEFAULT_SETUP);
}
