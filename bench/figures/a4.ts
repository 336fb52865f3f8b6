import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest, type TestCase, type Vitest } from 'vitest/node';
import { ROOT } from '../../tools/root.ts';
import type { FigureResult, Measure } from '../figure-result.ts';
import { goldenTests } from '../truth/golden-symbols.ts';
import type { BoundedError } from '../truth/record-errors.ts';

const GRADIENTS = 'packages/engine/src/ops/gradients.test.ts';
const SECOND_ORDER = 'packages/engine/src/autodiff/second-order.test.ts';
/** Bounds above these are no tolerances of an error. */
const loosestTolerance = (file: string): number => (file === GRADIENTS ? 1e-2 : 1e-3);

/** Runs the tests that compare with central differences and with originals, and gathers the errors they measure. */
export const measure: Measure = async ({ log }) => {
  const golden = goldenTests();
  const vitest = await runTests([GRADIENTS, ...golden.map(({ file }) => file)]);
  const outcomes = outcomesOf(vitest);
  await vitest.close();
  for (const { file, name } of outcomes.failed) log(`failed: ${file}: ${name}`);
  const problems = parityProblems();
  for (const problem of problems) log(problem);
  const first = golden.filter(({ file }) => file !== SECOND_ORDER);
  const differences = outcomes.passed.filter(({ file }) => file === GRADIENTS);
  const figure = {
    failedChecks: outcomes.failed.length + problems.length,
    skippedChecks: outcomes.skipped.length,
    gradientOperations: new Set(differences.flatMap(({ name }) => /^gradient of (\w+)/.exec(name)?.[1] ?? [])).size,
    gradientWorstErrorFloat64: worst(differences, (bound) => bound < 1e-4),
    gradientWorstErrorFloat32: worst(differences, (bound) => bound >= 1e-4),
    goldenSymbols: new Set(golden.flatMap(({ symbols }) => symbols)).size,
    goldenCases: golden.reduce((sum, { cases }) => sum + cases, 0),
    goldenWorstError: worst(outcomes.passed.filter(({ file }) => first.some((test) => test.file === file))),
    secondOrderWorstError: worst(outcomes.passed.filter(({ file }) => file === SECOND_ORDER)),
  };
  logWorst(outcomes.passed, log);
  return { figure, peer: {} } satisfies FigureResult;
};

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly errors: readonly BoundedError[];
}

function runTests(files: readonly string[]): Promise<Vitest> {
  const setup = fileURLToPath(new URL('../truth/record-errors.ts', import.meta.url));
  return startVitest('test', [], {
    root: ROOT,
    config: false,
    watch: false,
    include: [...files],
    setupFiles: [setup],
    reporters: [{}],
    testTimeout: 300_000,
    maxWorkers: 1,
  });
}

function outcomesOf(vitest: Vitest): Record<'passed' | 'failed' | 'skipped', Outcome[]> {
  const outcomes: Record<'passed' | 'failed' | 'skipped', Outcome[]> = { passed: [], failed: [], skipped: [] };
  for (const module of vitest.state.getTestModules()) {
    const file = relative(ROOT, module.moduleId);
    for (const problem of module.errors()) outcomes.failed.push({ file, name: problem.message, errors: [] });
    for (const test of module.children.allTests()) outcomes[stateOf(test)].push(outcomeOf(file, test));
  }
  return outcomes;
}

function stateOf(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result();
  return state === 'pending' ? 'failed' : state;
}

function outcomeOf(file: string, test: TestCase): Outcome {
  const errors = test.meta().boundedErrors ?? [];
  return { file, name: test.fullName, errors: errors.filter(({ bound }) => bound <= loosestTolerance(file)) };
}

function worst(outcomes: readonly Outcome[], counts: (bound: number) => boolean = () => true): number {
  const errors = outcomes.flatMap((outcome) => outcome.errors).filter(({ bound }) => counts(bound));
  return Number(errors.reduce((most, { error }) => Math.max(most, error), 0).toPrecision(2));
}

/** The errors of every file, the largest beside the bound it was held to. */
function logWorst(outcomes: readonly Outcome[], log: (line: string) => void): void {
  for (const file of new Set(outcomes.map((outcome) => outcome.file))) {
    const errors = outcomes.filter((outcome) => outcome.file === file).flatMap((outcome) => outcome.errors);
    const [largest] = errors.toSorted((a, b) => b.error / b.bound - a.error / a.bound);
    log(`${file}: ${largest ? `${largest.error.toExponential(1)} of ${largest.bound}` : 'exact'}`);
  }
}

/** Lines of `tools/parity.ts --check`: claims without an answer, answers no test reads, a stale PARITY.md. */
function parityProblems(): string[] {
  const { stderr } = spawnSync(process.execPath, ['tools/parity.ts', '--check'], { cwd: ROOT, encoding: 'utf8' });
  return stderr.split('\n').filter((line) => line !== '');
}
