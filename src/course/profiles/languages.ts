import { fold } from '../fold.ts';

/** Languages that the form offers by name; further ones are written in. */
export const OFFERED_LANGUAGES: readonly string[] = [
  'English',
  'Hausa',
  'Yoruba',
  'Igbo',
  'Nigerian Pidgin',
  'Fulfulde',
  'Kanuri',
  'Tiv',
  'Ibibio',
  'Ijaw',
  'Edo',
  'Nupe',
  'French',
  'Arabic',
];
/** What a list of languages is asked to stay within: nobody needs more, and the database keeps what is sent. */
export const MOST_LANGUAGES = 12;
const LONGEST = 40;

/** Languages from words between commas, semicolons or bars: known ones by their usual name, each once. */
export function readLanguages(words: string): string[] {
  const usual = new Map(OFFERED_LANGUAGES.map((name) => [fold(name), name]));
  const named = words
    .split(/[;,|/\n]/)
    .map((word) => word.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim())
    .filter((word) => word !== '')
    .map((word) => usual.get(fold(word)) ?? word.slice(0, LONGEST).trim());
  return [...new Map(named.map((name) => [fold(name), name])).values()].slice(0, MOST_LANGUAGES);
}
