import { readdirSync } from 'node:fs';
import path from 'node:path';
import i18next, { type i18n, type TFunction } from 'i18next';
import Backend from 'i18next-fs-backend';

/** Words of a language: `t('room:key', params)`. */
export type Words = (locale: string) => TFunction;

const MOST_LOCALES = 200;
/** More than the catalogues have; keys that a page makes up are not kept without end. */
const MOST_WORDS = 5_000;

/**
 * Reads all catalogues (`locales/<lng>/<room>.json`) once.
 * Escaping is the templates' work, so that words are never escaped twice.
 */
export async function readWords(directory: string): Promise<Words> {
  const languages = readdirSync(directory);
  const rooms = readdirSync(path.join(directory, 'en')).map((file) => path.basename(file, '.json'));
  const instance: i18n = i18next.createInstance();
  await instance.use(Backend).init({
    backend: { loadPath: path.join(directory, '{{lng}}', '{{ns}}.json') },
    fallbackLng: 'en',
    supportedLngs: languages,
    nonExplicitSupportedLngs: true,
    preload: languages,
    ns: rooms,
    defaultNS: 'web',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  const made = new Map<string, TFunction>();
  return (locale) => {
    const known = made.get(locale);
    if (known !== undefined) return known;
    // Tags can be made up without end.
    if (made.size >= MOST_LOCALES) made.clear();
    const words = remembering(instance.getFixedT(locale));
    made.set(locale, words);
    return words;
  };
}

/** Words without parameters are looked up once: a page asks for a hundred, and they never change. */
function remembering(fixed: TFunction): TFunction {
  const found = new Map<string, string>();
  const words = (key: string, params?: Record<string, unknown>): string => {
    if (params !== undefined) return fixed(key, params);
    const text = found.get(key) ?? fixed(key);
    if (found.size < MOST_WORDS) found.set(key, text);
    return text;
  };
  return words as TFunction;
}
