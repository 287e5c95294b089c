/** A process that keeps a database directory, to be killed by a test. Prints the engine's process id once it serves. */
import { pino } from 'pino';
import { startEmbedded } from '../../../src/database/engine/index.ts';
import { CACHE_DIRECTORY } from '../../support/database.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: holder DIRECTORY');
const engine = await startEmbedded(directory, CACHE_DIRECTORY, pino({ level: 'silent' }));
process.stdout.write(`${engine.pid() ?? ''}\n`);
