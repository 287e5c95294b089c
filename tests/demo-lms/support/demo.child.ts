/** Runs the demo as `npm run demo` does, in the place that the arguments name: TOOL_PORT LMS_PORT DIRECTORY [--fresh]. */
import { demoCommand } from '../../../src/cli/demo.ts';
import { isForOperator } from '../../../src/main.ts';

const [toolPort, lmsPort, directory = '', ...args] = process.argv.slice(2);
try {
  process.exitCode = await demoCommand(args, {
    toolPort: Number(toolPort),
    lmsPort: Number(lmsPort),
    directory,
  });
} catch (error) {
  if (!isForOperator(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
