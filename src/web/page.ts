import path from 'node:path';
import ejs from 'ejs';
import type { Response } from 'express';
import { DateTime } from 'luxon';
import type { CourseRole } from '../scope.ts';
import type { Visit } from './routing.ts';
import type { Words } from './words.ts';

/** A tab of the menu as a page shows it. */
type Tab = { readonly href: string; readonly label: string; readonly current: boolean };
export type MenuItem = {
  readonly path: string;
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
 * A model may set `title` (words), `refreshSeconds` (a page that reloads itself without script) and `wide`.
 * @throws where the view or a word's parameter is missing: a fault of ours, answered with 500
 */
export function page(res: Response, view: string, model: object): void {
  const pages = res.app.locals['pages'] as Pages;
  const visit = (res.locals['visit'] as Visit | undefined) ?? null;
  const locale = visit?.locale ?? (res.req.acceptsLanguages()[0] ?? 'en').replace('*', 'en');
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
    const title =
      'title' in model && typeof model.title === 'string' ? model.title : helpers.t('web:product');
    const refresh =
      'refreshSeconds' in model && typeof model.refreshSeconds === 'number' ? model.refreshSeconds : null;
    render('layout/page', { ...model, title, refresh, body, partial });
  }
  res.type('html').send(rendered);
}

function helpersFor(pages: Pages, res: Response, visit: Visit | null, locale: string) {
  const t = pages.words(locale);
  const base = visit === null ? '' : `/l/${visit.launchId}`;
  const zoned = (date: Date) =>
    DateTime.fromJSDate(date, { zone: visit?.timeZone ?? 'utc' }).setLocale(locale);
  return {
    t,
    visit,
    locale,
    asset: (name: string) => pages.asset(name),
    nonce: String(res.locals['nonce'] ?? ''),
    url: (target: string) => base + target,
    csrf: () => (visit === null ? '' : `<input type="hidden" name="_csrf" value="${visit.csrfToken}">`),
    tabs: visit === null ? [] : tabsOf(pages.menu(), visit, base, res.req.path, t),
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

function tabsOf(
  menu: readonly MenuItem[],
  visit: Visit,
  base: string,
  here: string,
  t: (key: string) => string,
): Tab[] {
  const mine = menu.filter(({ roles }) => roles.includes(visit.role)).toSorted((a, b) => a.order - b.order);
  const within = (target: string): boolean =>
    target === '/'
      ? here === `${base}/` || here === base
      : here === base + target || here.startsWith(`${base}${target}/`);
  return mine.map((item) => ({ href: base + item.path, label: t(item.label), current: within(item.path) }));
}
