import { ALL_SLOTS, MAN, WOMAN } from './cohort.ts';
import type { PoolState } from './pool-state.ts';

/** Counts everything afresh from `groupOf`. @returns the cost of all groups */
export function recount(state: PoolState): number {
  for (const column of [state.size, state.leads, state.women, state.men, state.planes, state.acquainted])
    column.fill(0);
  for (const column of [state.skillSum, state.activitySum, state.deedSum]) column.fill(0);
  state.skillCount.fill(0);
  state.activityCount.fill(0);
  for (let i = 0; i < state.people; i++) {
    const group = state.groupOf[i] ?? 0;
    const seat = state.size[group] ?? 0;
    state.seatOf[i] = seat;
    state.seats[group * state.stride + seat] = i;
    state.size[group] = seat + 1;
    state.acquainted[group] = (state.acquainted[group] ?? 0) + acquaintances(state, group, i, -1);
    count(state, i, group, 1);
  }
  let total = 0;
  for (let group = 0; group < state.groups; group++) total += state.cost[group] = groupCost(state, group);
  return total;
}

/** Takes a person into a group's counters (by = 1) or out of them (by = -1). */
function count(state: PoolState, person: number, group: number, by: 1 | -1): void {
  state.leads[group] = (state.leads[group] ?? 0) + by * (state.lead[person] ?? 0);
  const gender = state.gender[person];
  if (gender === WOMAN) state.women[group] = (state.women[group] ?? 0) + by;
  else if (gender === MAN) state.men[group] = (state.men[group] ?? 0) + by;
  state.skillSum[group] = (state.skillSum[group] ?? 0) + by * (state.skill.values[person] ?? 0);
  state.skillCount[group] = (state.skillCount[group] ?? 0) + by * (state.skill.known[person] ?? 0);
  state.activitySum[group] = (state.activitySum[group] ?? 0) + by * (state.activity.values[person] ?? 0);
  state.activityCount[group] = (state.activityCount[group] ?? 0) + by * (state.activity.known[person] ?? 0);
  state.deedSum[group] = (state.deedSum[group] ?? 0) + by * (state.deeds.values[person] ?? 0);
  let carry = state.busy[person] ?? 0;
  const end = (group + 1) * state.planeCount;
  for (let at = group * state.planeCount; at < end; at++) {
    const plane = state.planes[at] ?? 0;
    state.planes[at] = plane ^ carry;
    carry &= by === 1 ? plane : ~plane;
  }
}

/** The cost of a group as it stands, from its counters. */
export function groupCost(state: PoolState, group: number): number {
  const start = group * state.planeCount;
  for (let p = 0; p < state.planeCount; p++) scratch[p] = state.planes[start + p] ?? 0;
  return (
    ruleCost(state, state.leads[group] ?? 0, state.women[group] ?? 0, state.men[group] ?? 0) +
    availabilityCost(state, scratch) +
    (state.acquainted[group] ?? 0) * state.weights.together +
    (state.hasTongues ? languageCost(state, group, -1, -1) : 0) +
    square(state.skillSum[group] ?? 0, state.skillCount[group] ?? 0) +
    square(state.activitySum[group] ?? 0, state.activityCount[group] ?? 0) +
    square(state.deedSum[group] ?? 0, state.activityCount[group] ?? 0)
  );
}

/** What a group pays where its people, with `inward` in place of `outward` (-1 for none), share no language. */
function languageCost(state: PoolState, group: number, outward: number, inward: number): number {
  const first = group * state.stride;
  const end = first + (state.size[group] ?? 0);
  let shared = inward < 0 ? -1 : (state.tongues[inward] ?? 0);
  for (let at = first; at < end; at++) {
    const person = state.seats[at] ?? 0;
    if (person !== outward) shared &= state.tongues[person] ?? 0;
  }
  return shared === 0 ? silenceCost(state, group, outward, inward) : 0;
}

/** The cost of a group without a shared language: less, the fewer lack the one that most speak. */
function silenceCost(state: PoolState, group: number, outward: number, inward: number): number {
  const { tongues, planeCount, weights } = state;
  scratchTongues.fill(0);
  const first = group * state.stride;
  const end = first + (state.size[group] ?? 0);
  for (let at = first; at < end; at++) {
    const person = state.seats[at] ?? 0;
    let carry = ~(tongues[person === outward ? inward : person] ?? 0);
    for (let p = 0; p < planeCount; p++) {
      const plane = scratchTongues[p] ?? 0;
      scratchTongues[p] = plane ^ carry;
      carry &= plane;
    }
  }
  let best = state.allTongues;
  let lacking = 0;
  for (let p = planeCount - 1; p >= 0; p--) {
    const lower = best & ~(scratchTongues[p] ?? 0);
    if (lower === 0) lacking += 1 << p;
    else best = lower;
  }
  return weights.noLanguage + lacking * weights.lacking;
}

/** How many people of a group come from the same earlier group as `person`, `leaving` and the person apart. */
function acquaintances(state: PoolState, group: number, person: number, leaving: number): number {
  const code = state.prior[person] ?? -1;
  if (code < 0) return 0;
  const first = group * state.stride;
  const end = first + (state.size[group] ?? 0);
  let found = 0;
  for (let at = first; at < end; at++) {
    const other = state.seats[at] ?? 0;
    if (state.prior[other] === code && other !== leaving && other !== person) found++;
  }
  return found;
}

const scratch = new Int32Array(32);
const scratchTwo = new Int32Array(32);
const scratchTongues = new Int32Array(32);

function square(sum: number, known: number): number {
  return known === 0 ? 0 : (sum * sum) / known;
}

function ruleCost(state: PoolState, leads: number, women: number, men: number): number {
  return (
    (leads === 0 ? state.weights.noLead : 0) +
    (women === 1 ? state.weights.isolated : 0) +
    (men === 1 ? state.weights.isolated : 0)
  );
}

/** What is missing in the two best slots: the two least counts of busy people, read off the bit planes. */
function availabilityCost(state: PoolState, planes: Int32Array): number {
  let best = ALL_SLOTS;
  let least = 0;
  for (let p = state.planeCount - 1; p >= 0; p--) {
    const lower = best & ~(planes[p] ?? 0);
    if (lower === 0) least += 1 << p;
    else best = lower;
  }
  if ((best & (best - 1)) !== 0) {
    return least === 0 ? 0 : state.weights.short + 2 * least * state.weights.missing;
  }
  let rest = ALL_SLOTS & ~best;
  let second = 0;
  for (let p = state.planeCount - 1; p >= 0; p--) {
    const lower = rest & ~(planes[p] ?? 0);
    if (lower === 0) second += 1 << p;
    else rest = lower;
  }
  return state.weights.short + (least + second) * state.weights.missing;
}

/** What a group would cost with `inward` in the seat of `outward`. */
function costAfter(state: PoolState, group: number, outward: number, inward: number): number {
  const { weights, gender, lead, skill, activity, deeds } = state;
  const leads = (state.leads[group] ?? 0) + (lead[inward] ?? 0) - (lead[outward] ?? 0);
  const womanOrMan = gender[inward];
  const went = gender[outward];
  const women = (state.women[group] ?? 0) + (womanOrMan === WOMAN ? 1 : 0) - (went === WOMAN ? 1 : 0);
  const men = (state.men[group] ?? 0) + (womanOrMan === MAN ? 1 : 0) - (went === MAN ? 1 : 0);
  let cost = ruleCost(state, leads, women, men);
  cost += square(
    (state.skillSum[group] ?? 0) + (skill.values[inward] ?? 0) - (skill.values[outward] ?? 0),
    (state.skillCount[group] ?? 0) + (skill.known[inward] ?? 0) - (skill.known[outward] ?? 0),
  );
  const active =
    (state.activityCount[group] ?? 0) + (activity.known[inward] ?? 0) - (activity.known[outward] ?? 0);
  cost += square(
    (state.activitySum[group] ?? 0) + (activity.values[inward] ?? 0) - (activity.values[outward] ?? 0),
    active,
  );
  cost += square(
    (state.deedSum[group] ?? 0) + (deeds.values[inward] ?? 0) - (deeds.values[outward] ?? 0),
    active,
  );
  let borrow = state.busy[outward] ?? 0;
  let carry = state.busy[inward] ?? 0;
  const start = group * state.planeCount;
  for (let p = 0; p < state.planeCount; p++) {
    const plane = state.planes[start + p] ?? 0;
    const less = plane ^ borrow;
    borrow &= ~plane;
    scratchTwo[p] = less ^ carry;
    carry &= less;
  }
  cost += availabilityCost(state, scratchTwo);
  if (state.hasPrior) {
    const came = acquaintances(state, group, inward, outward);
    const gone = acquaintances(state, group, outward, outward);
    cost += ((state.acquainted[group] ?? 0) + came - gone) * weights.together;
  }
  if (state.hasTongues) cost += languageCost(state, group, outward, inward);
  return cost;
}

/** What exchanging two people of different groups would change in the cost; below zero is better. */
export function swapDelta(state: PoolState, a: number, b: number): number {
  const groupA = state.groupOf[a] ?? 0;
  const groupB = state.groupOf[b] ?? 0;
  return (
    costAfter(state, groupA, a, b) -
    (state.cost[groupA] ?? 0) +
    (costAfter(state, groupB, b, a) - (state.cost[groupB] ?? 0))
  );
}

/** Exchanges two people of different groups. */
export function swap(state: PoolState, a: number, b: number): void {
  const groupA = state.groupOf[a] ?? 0;
  const groupB = state.groupOf[b] ?? 0;
  if (state.hasPrior) {
    state.acquainted[groupA] =
      (state.acquainted[groupA] ?? 0) +
      acquaintances(state, groupA, b, a) -
      acquaintances(state, groupA, a, a);
    state.acquainted[groupB] =
      (state.acquainted[groupB] ?? 0) +
      acquaintances(state, groupB, a, b) -
      acquaintances(state, groupB, b, b);
  }
  count(state, a, groupA, -1);
  count(state, b, groupB, -1);
  count(state, a, groupB, 1);
  count(state, b, groupA, 1);
  const seatA = state.seatOf[a] ?? 0;
  const seatB = state.seatOf[b] ?? 0;
  state.seats[groupA * state.stride + seatA] = b;
  state.seats[groupB * state.stride + seatB] = a;
  state.seatOf[a] = seatB;
  state.seatOf[b] = seatA;
  state.groupOf[a] = groupB;
  state.groupOf[b] = groupA;
  state.cost[groupA] = groupCost(state, groupA);
  state.cost[groupB] = groupCost(state, groupB);
}

/** Whether pair rules let two people of different groups change places. */
export function maySwap(state: PoolState, a: number, b: number): boolean {
  if (state.fixed[a] === 1 || state.fixed[b] === 1) return false;
  if (state.foes === null) return true;
  return !meets(state, a, state.groupOf[b] ?? 0, b) && !meets(state, b, state.groupOf[a] ?? 0, a);
}

function meets(state: PoolState, person: number, group: number, leaving: number): boolean {
  for (const foe of state.foes?.[person] ?? [])
    if (foe !== leaving && state.groupOf[foe] === group) return true;
  return false;
}
