import { readdirSync } from 'node:fs';
import path from 'node:path';
import i18next, { type i18n, type TFunction } from 'i18next';
import Backend from 'i18next-fs-backend';

/** Words of a language: `t('room:key', params)`. */
export type Words = (locale: string) => TFunction;

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
  return (locale) => instance.getFixedT(locale);
}
