export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The one line that ends a run of the tests. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Why these counts are not a success; undefined where they are. A run in CI may skip nothing. */
export function refusal({ passed, failed, skipped }: TestCounts, isCI: boolean): string | undefined {
  if (failed > 0) return `${failed} failed`;
  if (passed === 0) return 'no test ran';
  if (isCI && skipped > 0) return 'tests were skipped, which CI does not allow';
  return undefined;
}

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Counts a report; a file that could not even be loaded counts as one failed test. */
export function countTests({ success, testResults }: VitestReport): TestCounts & { readonly skippedNames: string[] } {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name: `${name}: ${fullName}`, status })),
  );
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const skippedNames = tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ name }) => name);
  const failed = failedTests + brokenFiles;
  return { passed, failed: success ? failed : Math.max(1, failed), skipped: skippedNames.length, skippedNames };
}
