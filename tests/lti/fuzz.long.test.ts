import { test } from '@jest/globals';
import { useFuzzedTool } from './support/fuzzing.ts';

const fuzzed = useFuzzedTool();

test('none of 10,000 requests gets a 5xx, leads elsewhere or ends the process', () =>
  fuzzed.requests(10_000));

test('nor does one of 3,000 signed launches, whatever it claims', () => fuzzed.launches(3_000));
