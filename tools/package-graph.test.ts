import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { directionProblems, directNeeds, readPackages } from './package-graph.ts';

/** `{ low: { needs: [], files: { 'a.ts': source } } }` as a workspace in a temporary folder. */
function workspace(packages: Record<string, { needs: string[]; files: Record<string, string> }>) {
  const root = mkdtempSync(join(tmpdir(), 'package-graph-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', '{ "name": "root", "devDependencies": { "vitest": "*" } }');
  for (const [name, { needs, files }] of Object.entries(packages)) {
    const dependencies = Object.fromEntries(needs.map((need) => [need, '*']));
    write(`packages/${name}/package.json`, JSON.stringify({ name, dependencies }));
    for (const [file, source] of Object.entries(files)) write(`packages/${name}/src/${file}`, source);
  }
  return readPackages(root);
}

test('leaves out an edge that a longer path already shows', () => {
  const all = workspace({
    low: { needs: [], files: { 'a.ts': '' } },
    middle: { needs: ['low'], files: { 'a.ts': "import { a } from 'low';" } },
    top: { needs: ['low', 'middle'], files: { 'a.ts': "import { a } from 'low';\nimport { b } from 'middle';" } },
  });
  const edges = all.map((node) => [node.folder, ...directNeeds(node, all).map(({ folder }) => folder)]);
  expect(edges).toEqual([['low'], ['middle', 'low'], ['top', 'middle']]);
  expect(directionProblems(all)).toEqual([]);
});

test('refuses an undeclared import, also in a test, where the root tools are allowed', () => {
  const all = workspace({
    low: { needs: [], files: { 'a.test.ts': "import { test } from 'vitest';\nimport { b } from 'top';" } },
    top: { needs: [], files: { 'a.ts': "import { test } from 'vitest';" } },
  });
  expect(directionProblems(all)).toEqual([
    'packages/low/src/a.test.ts imports top',
    'packages/top/src/a.ts imports vitest',
  ]);
});

test('refuses a relative path into another package, and allows one to what no package holds', () => {
  const files = {
    'a/b.test.ts': "import { a } from '../../../top/src/a.ts';\nimport { g } from '../../../../golden/g.ts';",
  };
  const all = workspace({ low: { needs: [], files }, top: { needs: [], files: { 'a.ts': '' } } });
  expect(directionProblems(all)).toEqual(['packages/low/src/a/b.test.ts imports ../../../top/src/a.ts']);
});

test('refuses packages that import each other', () => {
  const all = workspace({
    low: { needs: ['top'], files: { 'a.ts': "import { b } from 'top';" } },
    top: { needs: ['low'], files: { 'a.ts': "import { a } from 'low';" } },
  });
  expect(directionProblems(all)).toEqual(['low imports itself in a circle', 'top imports itself in a circle']);
});
