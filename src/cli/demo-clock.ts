/** A clock that can be set back, so that the demo's past is written by the very code that writes its present. */
export type DemoClock = {
  readonly now: () => Date;
  /** From here on it is that moment, and time goes on as usual. */
  travel(to: Date): void;
  /** The present again. */
  comeBack(): void;
};

export function createDemoClock(): DemoClock {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    travel(to) {
      offsetMs = to.getTime() - Date.now();
    },
    comeBack() {
      offsetMs = 0;
    },
  };
}
