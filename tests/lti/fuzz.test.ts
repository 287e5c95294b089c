import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fuzzLaunches, fuzzRequests } from './support/fuzzing.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', remember);
  lms = await startLocalPlatform();
  tool = await startTool({ registration: 'invite' });
  await tool.door.platforms.register(lms.registration());
});
afterAll(async () => {
  await tool.close();
  await lms.close();
  process.off('unhandledRejection', remember);
});

test('no request gets a 5xx, leads elsewhere or ends the process', async () => {
  await fuzzRequests(tool, lms, 600);
  expect((await tool.launch(lms)).status).toBe(303);
  expect(unhandled).toEqual([]);
});

test('nor does a signed launch, whatever it claims', async () => {
  await fuzzLaunches(tool, lms, 200);
  expect((await tool.launch(lms)).status).toBe(303);
  expect(unhandled).toEqual([]);
});
