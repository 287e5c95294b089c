/**
 * A process that does what is due in the course's rooms, until it is killed: by itself, so that the moment falls within
 * its work however busy the machine is. Says "done" and how many milliseconds it took once nothing is left to do.
 * Arguments: URI DATABASE NOW [LIFE]; NOW is the time that its clock begins at, LIFE how many milliseconds it has.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { openDatabase } from '../../../src/database/index.ts';
import { CACHE_DIRECTORY } from '../../support/database.ts';
import { openCourse } from '../course.ts';

const [uri, name, now, life] = process.argv.slice(2);
if (uri === undefined || name === undefined || now === undefined)
  throw new Error('usage: publisher URI DATABASE NOW [LIFE]');
const log = pino({ level: 'silent' });
const database = await openDatabase({ uri, name, cacheDirectory: CACHE_DIRECTORY, log });
const begun = Date.now();
const { jobs, group } = await openCourse(database, () => new Date(Number(now) + Date.now() - begun));
for (const timed of group.room.timedJobs) jobs.every(timed.name, timed.everyMs, () => timed.run());
const waiting = { active: true };
const begins = performance.now();
if (life !== undefined) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(life));
while ((await database.connection.collection('jobs').countDocuments(waiting)) > 0) {
  await jobs.runDue();
  await delay(10);
}
process.stdout.write(`done ${performance.now() - begins}\n`);
await jobs.stop();
await database.close();
