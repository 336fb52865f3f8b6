// Draws the package graph of ARCHITECTURE.md from the real imports; --check only says whether it is stale or points upward.
import { keepGenerated, replaceSection } from './generated-file.ts';
import { directionProblems, directNeeds, readPackages } from './package-graph.ts';
import { ROOT } from './root.ts';

const packages = readPackages(ROOT);
const edges = packages.flatMap((node) =>
  directNeeds(node, packages).map((need) => `  ${node.folder} --> ${need.folder}`),
);
const graph = ['```mermaid', 'graph TD', ...edges, '```'].join('\n');
keepGenerated('ARCHITECTURE.md', (text) => replaceSection(text, 'packages', graph));

for (const problem of directionProblems(packages)) {
  console.error(problem);
  process.exitCode = 1;
}
