import type { CourseScope } from '../../scope.ts';
import { csvField } from '../engine/csv.ts';
import type { FormationPerson } from '../engine/types.ts';
import type { Proposal } from './proposals.store.ts';
import type { RecordStore } from './records.store.ts';

const COLUMNS = [
  ...['id', 'track', 'lga', 'state', 'zone', 'country', 'skill', 'activity', 'gender', 'can_lead'],
  ...['availability', 'languages', 'must_with', 'must_not_with', 'pinned', 'previous_group'],
] as const;

/** What the file with a run's roster is called. */
export function inputFile({ number }: Proposal): string {
  return `proposal-${number}-input.csv`;
}

/** What the file with the groups that an update found is called. */
export function beforeFile({ number }: Proposal): string {
  return `proposal-${number}-before.csv`;
}

/** The command that makes the same groups of that file again. */
export function commandOf(proposal: Proposal): string {
  const { seed, min, ideal, max, crossTrack, ignore = [] } = proposal.rules;
  return [
    `npm run --silent form -- ${inputFile(proposal)} --out groups.csv`,
    ...(proposal.update == null ? [] : [`--previous ${beforeFile(proposal)}`]),
    `--seed ${seed} --min ${min} --ideal ${ideal} --max ${max}`,
    ...(crossTrack ? ['--cross-track'] : []),
    ...(ignore.length > 0 ? [`--ignore ${ignore.join(',')}`] : []),
  ].join(' ');
}

/** A run's roster as the command `form` reads it, in pieces. */
export async function* inputCsv(
  records: RecordStore,
  scope: CourseScope,
  { id }: Proposal,
): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for await (const people of records.eachPerson(scope, id)) yield people.map(lineOf).join('');
}

/** The groups that an update found, as the command reads them. */
export async function* beforeCsv(
  records: RecordStore,
  scope: CourseScope,
  { id }: Proposal,
): AsyncGenerator<string> {
  yield 'id,group,place,rung,guest\n';
  for await (const placements of records.eachBefore(scope, id))
    yield placements
      .map((one) => [one.id, one.group, plain(one.place ?? null), one.rung ?? '', one.guest ? '1' : '0'])
      .map((cells) => `${cells.map(csvField).join(',')}\n`)
      .join('');
}

function lineOf(person: FormationPerson): string {
  const { place, mustWith, mustNotWith } = person;
  const cells = [
    ...[person.id, plain(person.track), plain(place.lga), plain(place.state), plain(place.zone)],
    ...[plain(place.country), person.skill ?? '', person.activity ?? '', person.gender ?? ''],
    ...[person.canLead ? '1' : '0', person.availability ?? '', plain(person.languages.join(';'))],
    ...[mustWith.join(';'), mustNotWith.join(';'), person.pinned ? '1' : '', plain(person.previousGroup)],
  ];
  return `${cells.map((cell) => csvField(String(cell))).join(',')}\n`;
}

/** Text that a spreadsheet would take for a formula is defused; ids and numbers are ours. */
function plain(text: string | null): string {
  return text !== null && /^[=+\-@\t\r]/.test(text) ? `'${text}` : (text ?? '');
}
