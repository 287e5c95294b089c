import { test } from '@jest/globals';
import { useFuzzedTool } from './support/fuzzing.ts';

const fuzzed = useFuzzedTool();

test('no request gets a 5xx, leads elsewhere or ends the process', () => fuzzed.requests(600));

test('nor does a signed launch, whatever it claims', () => fuzzed.launches(200));
