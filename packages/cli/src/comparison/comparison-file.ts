import { VesaliusError } from '@vesalius/errors';
import type { TrainingPlan } from '@vesalius/medical';
import { isTable } from '../datasets/layouts/description.ts';

/** Values of a plan by their path, such as `batchSize.value`. */
export type PlanChanges = Readonly<Record<string, unknown>>;

/** One way of training. */
export interface ComparedRecipe {
  readonly name: string;
  /** As `train --network`; the planned one where none is named. */
  readonly network?: string;
  readonly size?: string;
  /** As `train --precision`. */
  readonly precision?: 'float32' | 'mixed';
  /** Instead of the comparison's. */
  readonly steps?: number;
  /** Names of the channels that it is given; all by default. */
  readonly channels?: readonly string[];
  /** After those of the comparison. */
  readonly plan?: PlanChanges;
}

/** What is compared: every recipe on the same data, splits and seeds. The first recipe is what the others are held against. */
export interface Comparison {
  readonly format: 'vesalius-comparison/1';
  readonly name: string;
  /** Data folder, from the file's own. */
  readonly data?: string;
  /** As `train --validation`, or so many folds by patient. */
  readonly split: { readonly validation: string } | { readonly folds: number };
  readonly seeds: readonly number[];
  /** Of each training. */
  readonly steps: number;
  readonly threads?: number;
  /** Changes to the plan of every recipe. */
  readonly plan?: PlanChanges;
  /** Label values that count as one, by name: Dice of each stands in a table of its own. */
  readonly regions?: Readonly<Record<string, readonly number[]>>;
  /** Whether models that take missing channels are asked with every set of them; needs regions. */
  readonly subsets?: boolean;
  readonly recipes: readonly ComparedRecipe[];
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isOptional = (value: unknown, test: (value: unknown) => boolean): boolean => value === undefined || test(value);

/** A name that can be part of a file name, too. */
const isName = (value: unknown): boolean => isText(value) && /^[\w+. -]+$/.test(value);

/** @throws FILE_FORMAT with the field that is wrong */
export function parseComparison(value: unknown, file: string): Comparison {
  const found = isTable(value) ? value : {};
  const { format, name, data, split, seeds, steps, threads, plan, regions, subsets, recipes } = found;
  const checks: readonly (readonly [field: string, holds: boolean, expected: string])[] = [
    ['format', format === 'vesalius-comparison/1', 'vesalius-comparison/1'],
    ['name', isName(name), 'letters, digits, spaces, + . -'],
    ['data', isOptional(data, isText), 'a folder'],
    ['split', isTable(split) && isText(split['validation']) !== isCount(split['folds']), 'validation or folds'],
    ['seeds', Array.isArray(seeds) && seeds.length > 0 && seeds.every(Number.isInteger), 'whole numbers'],
    ['steps', isCount(steps), 'a whole number from 1'],
    ['threads', isOptional(threads, isCount), 'a whole number from 1'],
    ['plan', isOptional(plan, isTable), 'values by their path'],
    ['regions', isOptional(regions, isRegions), 'lists of label values by name'],
    [
      'subsets',
      isOptional(subsets, (value) => typeof value === 'boolean' && !(value && !regions)),
      'true with regions, or false',
    ],
    ['recipes', Array.isArray(recipes) && recipes.length > 0 && recipes.every(isRecipe), 'recipes, each with a name'],
    [
      'recipes',
      new Set((recipes as ComparedRecipe[])?.map?.((each) => each?.name)).size === (recipes as [])?.length,
      'names that differ',
    ],
  ];
  for (const [field, holds, expected] of checks)
    if (!holds)
      throw new VesaliusError('FILE_FORMAT', {
        what: `comparison, ${field}`,
        got: JSON.stringify(found[field]) ?? 'nothing',
        expected,
        file,
      });
  return value as Comparison;
}

function isRegions(value: unknown): boolean {
  const isList = (list: unknown): boolean => Array.isArray(list) && list.length > 0 && list.every(Number.isInteger);
  return isTable(value) && Object.entries(value).every(([name, list]) => isName(name) && isList(list));
}

function isRecipe(value: unknown): boolean {
  if (!isTable(value)) return false;
  const { name, network, size, precision, steps, channels, plan } = value;
  return (
    isName(name) &&
    isOptional(network, isText) &&
    isOptional(size, isText) &&
    [undefined, 'float32', 'mixed'].includes(precision as undefined) &&
    isOptional(steps, isCount) &&
    isOptional(channels, (list) => Array.isArray(list) && list.length > 0 && list.every(isText)) &&
    isOptional(plan, isTable)
  );
}

/**
 * The plan with some values changed.
 *
 * @throws INVALID_ARGUMENT for a path that the plan does not have
 */
export function changePlan(plan: TrainingPlan, changes: PlanChanges = {}): TrainingPlan {
  const changed = structuredClone(plan) as unknown as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() as string;
    const inner = names.reduce<unknown>((outer, name) => (isTable(outer) ? outer[name] : undefined), changed);
    if (!isTable(inner) || !(last in inner))
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'path in the plan', got: path, expected: 'one that it has' });
    inner[last] = value;
  }
  return changed as unknown as TrainingPlan;
}
