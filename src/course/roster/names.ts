/** What is known of a person's name. */
export type Named = {
  /** As the LMS gives it; null where it withholds names. */
  readonly name: string | null;
  /** As the person wants to be called, where the LMS withholds names. */
  readonly chosenName: string | null;
  /** In the course, by order of arrival. */
  readonly number: number;
};

/**
 * The name people see. Where there is none, the stand-in is one for all readers, not words of a language: lists are
 * sorted and searched by it, and a CSV may name people so.
 */
export function displayName({ name, chosenName, number }: Named): string {
  return name ?? chosenName ?? `Learner ${number}`;
}
