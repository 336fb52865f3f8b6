import { expect, test } from 'vitest';
import { closingLine, countTests, refusal } from './closing-line.ts';

const file = (status: string, ...statuses: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each, i) => ({ fullName: `test ${i}`, status: each })),
});

test('counts tests, and a file that could not be loaded as one failure', () => {
  const counts = countTests({ success: false, testResults: [file('passed', 'passed', 'skipped'), file('failed')] });
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 1, skippedNames: ['a.test.ts: test 1'] });
  expect(closingLine(counts)).toBe('1 passed, 1 failed, 1 skipped');
});

test('an unsuccessful run without a failed test still counts one failure', () => {
  expect(countTests({ success: false, testResults: [file('passed', 'passed')] })).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test('refuses failures and an empty run anywhere, and skipped tests in CI', () => {
  expect(refusal({ passed: 3, failed: 1, skipped: 0 }, false)).toBe('1 failed');
  expect(refusal({ passed: 0, failed: 0, skipped: 2 }, false)).toBe('no test ran');
  expect(refusal({ passed: 3, failed: 0, skipped: 2 }, true)).toContain('skipped');
  expect(refusal({ passed: 3, failed: 0, skipped: 2 }, false)).toBeUndefined();
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
});
