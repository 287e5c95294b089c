/** A figure beside what it is compared with; `ratio` below 1 is better than the comparison. */
export type Figure = {
  readonly what: string;
  readonly value: string;
  readonly comparison: string;
  readonly ratio: string;
};
export type Bench = (print: (figure: Figure) => void, args: readonly string[]) => Promise<void>;
