/** The chance that a group of `size` out of `people` holds none of `marked`. */
export function chanceOfNone(people: number, marked: number, size: number): number {
  if (marked > people - size) return 0;
  let chance = 1;
  for (let i = 0; i < size; i++) chance *= (people - marked - i) / (people - i);
  return chance;
}

/** The chance that a group of `size` out of `people` holds exactly one of `marked`. */
export function chanceOfOne(people: number, marked: number, size: number): number {
  if (marked === 0 || size === 0) return 0;
  return (marked * size * chanceOfNone(people - 1, marked - 1, size - 1)) / people;
}

/** Pairs of `alike` people that meet by chance, where groups of these sizes hold `people`. */
export function expectedPairs(people: number, alike: number, sizes: Int32Array): number {
  if (people < 2) return 0;
  let seats = 0;
  for (const size of sizes) seats += size * (size - 1);
  return ((alike * (alike - 1)) / 2) * (seats / (people * (people - 1)));
}

/** The fewest pairs of `alike` people that must meet in so many groups. */
export function fewestPairs(alike: number, groups: number): number {
  const each = Math.floor(alike / groups);
  const more = alike - each * groups;
  return (groups - more) * ((each * (each - 1)) / 2) + more * ((each * (each + 1)) / 2);
}
