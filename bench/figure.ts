// `npm run figure A1 [-- --quick]`: measures one figure and ends with one line of JSON; a full run is kept in bench/results/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { VesaliusError } from '@vesalius/errors';
import type { Measure, StoredFigure } from './figure-result.ts';
import { type Goal, meetsGoal, readGoals, thresholdText } from './goals.ts';

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const result = await measureFigure(findGoal(positionals[0]), values.quick);
if (!result.quick) keep(result);
console.log(JSON.stringify(result));
process.exitCode = result.ok ? 0 : 1;

function findGoal(id = ''): Goal {
  const goals = readGoals();
  const goal = goals.find((each) => each.id === id.toUpperCase());
  if (goal) return goal;
  throw new VesaliusError('UNKNOWN_OPTION', { what: 'figure', got: id, expected: goals.map((each) => each.id) });
}

async function measureFigure(goal: Goal, quick: boolean): Promise<StoredFigure> {
  const { measure } = (await import(`./figures/${goal.id.toLowerCase()}.ts`)) as { measure: Measure };
  const { figure, peer } = await measure({ quick, log: (line) => process.stderr.write(`${line}\n`) });
  const ok = meetsGoal(goal, figure, { partial: quick });
  const date = new Date().toISOString();
  return { id: goal.id, ok, figure, goal: goal.thresholds.map(thresholdText), peer, quick, machine: machine(), date };
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

function keep(stored: StoredFigure): void {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${stored.id.toLowerCase()}.json`, folder), `${JSON.stringify(stored, null, 2)}\n`);
}
