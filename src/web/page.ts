import path from 'node:path';
import ejs from 'ejs';
import type { Request, Response } from 'express';
import type { TFunction } from 'i18next';
import { DateTime } from 'luxon';
import type { CourseRole } from '../scope.ts';
import { localeOf } from './locale.ts';
import type { Visit } from './routing.ts';
import type { Words } from './words.ts';

/** A tab of the menu as a page shows it. */
type Tab = { readonly href: string; readonly label: string; readonly current: boolean };
export type MenuItem = {
  readonly path: string;
  /** Further addresses that belong to it, from their beginning. */
  readonly also?: RegExp;
  readonly label: string;
  readonly roles: readonly CourseRole[];
  readonly order: number;
};

/** What every page needs besides its model; createApp puts one into `app.locals.pages`. */
export type Pages = {
  readonly views: string;
  readonly words: Words;
  asset(name: string): string;
  menu(): readonly MenuItem[];
};

/**
 * Renders `views/<view>.ejs` inside the layout and sends it. Templates see the model's fields and:
 * `t(key, params)`, `url(path)` (below this launch), `csrf()` (the hidden field of every POST form), `when(date)`,
 * `day(date)`, `time(date)`, `visit` (or null), `asset(name)`, `nonce`, `partial(view, model)`.
 * What a form did that led here (`?done=`, of seeOther) stands above the page.
 * A model may set `refreshSeconds` (a page that reloads itself without script) and `wide`. The title is the page's
 * heading.
 * @throws where the view or a word's parameter is missing: a fault of ours, answered with 500
 */
export function page(res: Response, view: string, model: object): void {
  const pages = res.app.locals['pages'] as Pages;
  const visit = (res.locals['visit'] as Visit | undefined) ?? null;
  const locale = visit?.locale ?? localeOf(res.req.acceptsLanguages()[0] ?? '') ?? 'en';
  const helpers = helpersFor(pages, res, visit, locale);
  const render = (name: string, data: object): void => {
    ejs.renderFile(
      path.join(pages.views, `${name}.ejs`),
      { ...helpers, ...data },
      { cache: true },
      (error, html) => {
        if (error !== null) throw error;
        rendered = html;
      },
    );
  };
  let rendered = '';
  const partial = (name: string, data: object): string => {
    const outer = rendered;
    render(name, { ...data, partial });
    const inner = rendered;
    rendered = outer;
    return inner;
  };
  render(view, { ...model, partial });
  const body = rendered;
  // A fragment asked for by htmx goes without the layout; a whole page fetched in place of a link has it.
  if (res.req.get('hx-request') !== 'true' || res.req.get('hx-boosted') === 'true') {
    const title = titleOf(body, helpers.t('web:product'));
    const refresh =
      'refreshSeconds' in model && typeof model.refreshSeconds === 'number' ? model.refreshSeconds : null;
    const done = doneOf(res.req, view.split('/')[0] ?? '', helpers.t);
    render('layout/page', { ...model, title, refresh, body, partial, done, framed: isFramed(res.req) });
  }
  res.type('html').send(rendered);
}

function helpersFor(pages: Pages, res: Response, visit: Visit | null, locale: string) {
  const t = pages.words(locale);
  const base = visit === null ? '' : `/l/${visit.launchId}`;
  // Lists show the same few days over and over, and to find a zone's offset takes long.
  const met = new Map<number, DateTime>();
  const zoned = (date: Date): DateTime => {
    const known = met.get(date.getTime());
    if (known !== undefined) return known;
    const made = DateTime.fromJSDate(date, { zone: visit?.timeZone ?? 'utc' }).setLocale(locale);
    met.set(date.getTime(), made);
    return made;
  };
  return {
    t,
    visit,
    locale,
    asset: (name: string) => pages.asset(name),
    nonce: String(res.locals['nonce'] ?? ''),
    url: (target: string) => base + target,
    csrf: () => (visit === null ? '' : `<input type="hidden" name="_csrf" value="${visit.csrfToken}">`),
    tabs: visit === null ? [] : tabsOf(pages.menu(), visit, base, pathOf(res.req, base), t),
    /** "Sat 5 Dec, 4:00 pm WAT" */
    when: (date: Date) =>
      `${zoned(date).toFormat('ccc d LLL, h:mm')} ${zoned(date).toFormat('a').toLowerCase()} ${zoneName(zoned(date))}`,
    /** "Sat 5 Dec" */
    day: (date: Date) => zoned(date).toFormat('ccc d LLL'),
    time: (date: Date) => `${zoned(date).toFormat('h:mm')} ${zoned(date).toFormat('a').toLowerCase()}`,
    zoned,
  };
}

/** People in Nigeria know their zone as WAT; ICU says "GMT+1" for it in most locales. */
function zoneName(date: DateTime): string {
  return date.zoneName === 'Africa/Lagos' ? 'WAT' : date.toFormat('ZZZZ');
}

/** What the page's heading says, for tabs, histories and screen readers; escaped as it stood in the page. */
function titleOf(body: string, product: string): string {
  const heading =
    /<h1[^>]*>([\s\S]*?)<\/h1>/
      .exec(body)?.[1]
      ?.replace(/<[^>]*>/g, '')
      .trim() ?? '';
  return heading === '' ? product : `${heading} · ${product}`;
}

/** What a form did that led here (seeOther), in the words of the page's room; null where there are none. */
function doneOf({ method, query }: Request, room: string, t: TFunction): string | null {
  const { done, count } = query;
  if (method !== 'GET' || typeof done !== 'string' || !/^[a-z_]{1,40}$/.test(done)) return null;
  const params = typeof count === 'string' && /^\d{1,6}$/.test(count) ? { count: Number(count) } : {};
  return t(`${room}:done.${done}`, { ...params, defaultValue: '' }) || null;
}

/** Where a request is below its launch. */
function pathOf(req: Request, base: string): string {
  return (req.originalUrl.split('?')[0] ?? '').slice(base.length) || '/';
}

/**
 * Whether the answer is shown in a frame, around which an LMS shows course and person. Fetch metadata says so; the page
 * that carries its own session (public/frame-session.js) lives in frames alone.
 */
export function isFramed(req: Request): boolean {
  return req.get('sec-fetch-dest') === 'iframe' || req.get('x-frame-key') !== undefined;
}

/** The menu of this role. The current tab is the one whose address reaches furthest into `here`. */
function tabsOf(
  menu: readonly MenuItem[],
  visit: Visit,
  base: string,
  here: string,
  t: (key: string) => string,
): Tab[] {
  const mine = menu.filter(({ roles }) => roles.includes(visit.role)).toSorted((a, b) => a.order - b.order);
  const reach = ({ path: target, also }: MenuItem): number => {
    if (here === target || (target !== '/' && here.startsWith(`${target}/`))) return target.length;
    return also?.exec(here)?.[0].length ?? 0;
  };
  const current = mine.filter((item) => reach(item) > 0).toSorted((a, b) => reach(b) - reach(a))[0];
  return mine.map((item) => ({
    href: base + item.path,
    label: t(item.label),
    current: item === current,
  }));
}
