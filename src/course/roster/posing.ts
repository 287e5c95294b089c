import { fold } from '../fold.ts';

/** Letters that only look like Latin ones, and signs that stand for letters; below, what they are taken for. */
const LOOKALIKES = 'аеорсхуіѕӏԁαεορτυικνμ013457@$!|';
const LATIN = 'aeopcxyisldaeoptuiknmoieastasil';
/** Words that name staff, the tool or an office, by themselves. */
const WORDS = new Set([
  ...['admin', 'administrator', 'moderator', 'mod', 'staff', 'official', 'support', 'helpdesk', 'cm'],
  ...['mentor', 'teacher', 'instructor', 'tutor', 'lecturer', 'coordinator', 'facilitator', 'manager'],
]);
/** Found wherever they stand, also written apart. */
const PHRASES = [
  'communitymanager',
  'administrator',
  'peerlead',
  'peergroup',
  'deputylead',
  'emtt',
  'helpdesk',
];

/**
 * True for a chosen name that readers could take for staff: it names an office, or it is the name of somebody who is
 * staff here. Roles are shown by badges, which nobody can choose; this keeps names from looking like one.
 */
export function posesAsStaff(name: string, staffNames: readonly string[]): boolean {
  const plain = plainOf(name);
  const words = plain.split(/[^\p{L}]+/u).filter((word) => word !== '');
  const joined = words.join('');
  if (words.some((word) => WORDS.has(word)) || PHRASES.some((phrase) => joined.includes(phrase))) return true;
  // "a d m i n"
  if (words.length > 2 && words.every((word) => word.length === 1) && WORDS.has(joined)) return true;
  return staffNames.some((staff) => plainOf(staff) === plain);
}

function plainOf(name: string): string {
  return fold(name).replace(/./gu, (letter) => {
    const index = LOOKALIKES.indexOf(letter);
    return index === -1 ? letter : (LATIN[index] ?? letter);
  });
}
