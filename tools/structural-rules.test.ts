import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directionProblems, readPackages } from './package-graph.ts';
import { ROOT } from './root.ts';

/** Each breaks one rule: the file, its text, and the rule that must be named for it. */
const BREACHES = {
  'a package may not import upward': {
    file: 'packages/volume/src/upward.ts',
    source: "import { name } from '@vesalius/medical';\n\nexport const upward: string = name;\n",
    rule: 'noUndeclaredDependencies',
  },
  'an undeclared package may not be imported': {
    file: 'packages/volume/src/undeclared.ts',
    source: "import lodash from 'lodash';\n\nexport const undeclared: unknown = lodash;\n",
    rule: 'noUndeclaredDependencies',
  },
  'another package may not be entered by a relative path': {
    file: 'packages/medical/src/sideways.ts',
    source: "import { name } from '../../engine/src/index.ts';\n\nexport const sideways: string = name;\n",
    rule: 'TS2878',
  },
  'a package is entered by its door only': {
    file: 'packages/medical/src/window.ts',
    source: "import { name } from '@vesalius/engine/src/index.ts';\n\nexport const window: string = name;\n",
    rule: 'TS2307',
  },
  'a browser-safe package may not use Node': {
    file: 'packages/medical/src/disk.ts',
    source: "import { readFileSync } from 'node:fs';\n\nexport const disk: unknown = readFileSync;\n",
    rule: 'noNodejsModules',
  },
  'a browser-safe package may not use a global of Node': {
    file: 'packages/engine/src/environment.ts',
    source: 'export const environment: unknown = process.env;\n',
    rule: 'TS2591',
  },
  'graph and autodiff know nothing of onnx': {
    file: 'packages/engine/src/graph/emits.ts',
    source: "import { emit } from '../onnx/emit.ts';\n\nexport const emits: number = emit;\n",
    rule: 'noRestrictedImports',
  },
  'graph and autodiff know nothing of the runtime': {
    file: 'packages/engine/src/autodiff/runs.ts',
    source: "import { run } from '../runtime/run.ts';\n\nexport const runs: number = run;\n",
    rule: 'noRestrictedImports',
  },
  'files may not import each other in a circle': {
    file: 'packages/engine/src/circle.ts',
    source: "import { back } from './circle-back.ts';\n\nexport const circle = (): number => back();\n",
    rule: 'noImportCycles',
  },
  'file names are kebab-case': {
    file: 'packages/engine/src/camelCase.ts',
    source: 'export const camelCase = 1;\n',
    rule: 'useFilenamingConvention',
  },
  'any is refused': {
    file: 'packages/engine/src/loose.ts',
    source: 'export const loose = (value: any): unknown => value;\n',
    rule: 'noExplicitAny',
  },
  'default exports are refused': {
    file: 'packages/engine/src/nameless.ts',
    source: 'export default 1;\n',
    rule: 'noDefaultExport',
  },
  'non-null assertions are refused': {
    file: 'packages/engine/src/sure.ts',
    source: 'export const sure = (value?: number): number => value!;\n',
    rule: 'noNonNullAssertion',
  },
  'an enum is refused, as Node cannot strip it': {
    file: 'packages/engine/src/kind.ts',
    source: 'export enum Kind {\n  First = 1,\n}\n',
    rule: 'TS1294',
  },
  'types are imported as types': {
    file: 'packages/engine/src/typed.ts',
    source: "import { Shape } from './shape.ts';\n\nexport const typed: Shape = 1;\n",
    rule: 'useImportType',
  },
  'a package may not print': {
    file: 'packages/engine/src/loud.ts',
    source: "export function loud(): void {\n  console.log('x');\n}\n",
    rule: 'noConsole',
  },
  'a file has at most 400 lines': {
    file: 'packages/engine/src/long.ts',
    source: Array.from({ length: 401 }, (_, i) => `export const v${i} = ${i};\n`).join(''),
    rule: 'noExcessiveLinesPerFile',
  },
  'a function has at most 60 lines': {
    file: 'packages/engine/src/big.ts',
    source: `export function big(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(60)}  return sum;\n}\n`,
    rule: 'noExcessiveLinesPerFunction',
  },
  'text is formatted': {
    file: 'packages/engine/src/untidy.ts',
    source: 'export const untidy = "double"\n',
    rule: 'format',
  },
};
/** What the breaches import; all of it keeps the rules. */
const SOUND = {
  'packages/engine/src/onnx/emit.ts': 'export const emit = 1;\n',
  'packages/engine/src/runtime/run.ts': 'export const run = 1;\n',
  'packages/engine/src/shape.ts': 'export type Shape = number;\n',
  'packages/engine/src/circle-back.ts':
    "import { circle } from './circle.ts';\n\nexport const back = (): number => circle();\n",
};

const copy = mkdtempSync(join(tmpdir(), 'structural-rules-'));
let reports: string[] = [];

beforeAll(() => {
  const packages = readdirSync(join(ROOT, 'packages'));
  for (const file of ['biome.json', 'package.json', 'tsconfig.json', 'tsconfig.base.json'])
    copyFileSync(join(ROOT, file), join(copy, file));
  for (const name of packages) copyPackage(name);
  symlinkSync(join(ROOT, 'node_modules/@types'), join(copy, 'node_modules/@types'));
  for (const [file, source] of Object.entries(SOUND)) write(file, source);
  for (const { file, source } of Object.values(BREACHES)) write(file, source);
  reports = [
    ...run('@biomejs/biome/bin/biome', 'ci', '--reporter=github', '--max-diagnostics=200', '.'),
    ...run('typescript/bin/tsc', '-b', '--pretty', 'false'),
  ];
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Same manifests and settings, one line of source. */
function copyPackage(name: string): void {
  for (const file of ['package.json', 'tsconfig.json'])
    cpSync(join(ROOT, 'packages', name, file), join(copy, 'packages', name, file));
  write(`packages/${name}/src/index.ts`, `export const name = '${name}';\n`);
  mkdirSync(join(copy, 'node_modules/@vesalius'), { recursive: true });
  symlinkSync(join(copy, 'packages', name), join(copy, 'node_modules/@vesalius', name));
}

function write(file: string, source: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), source);
}

function run(program: string, ...args: string[]): string[] {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return stdout.split('\n');
}

test.each(Object.entries(BREACHES))('%s', (_, { file, rule }) => {
  expect(reports.filter((line) => line.includes(file)).join('\n')).toContain(rule);
});

test('what keeps the rules is not reported', () => {
  const sound = Object.keys(SOUND).filter((file) => !file.includes('circle'));
  expect(reports.filter((line) => /error|warning/.test(line) && sound.some((file) => line.includes(file)))).toEqual([]);
});

test('the drawing of the packages also refuses the upward import', () => {
  expect(directionProblems(readPackages(copy))).toContain('packages/volume/src/upward.ts imports @vesalius/medical');
});
