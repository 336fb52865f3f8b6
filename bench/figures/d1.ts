import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { meanOfNumbers } from '@vesalius/medical';
import { ROOT } from '../../tools/root.ts';
import { pairedGain, withEnds } from '../compare/modality-statistics.ts';
import { acrossCameras } from '../compare/skin-cameras.ts';
import {
  compareSkin,
  readSkinComparison,
  SKIN_SOURCES,
  type SkinComparison,
  type SkinRow,
  vesalius,
} from '../compare/skin-comparison.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { hashSources } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const UNET = 'U-Net';
const OURS = 'TransUNet++';
const GATE_MAPS = 10;
/** A step at twice the side costs four times as much. */
const LARGE = { side: 256, stepShare: 1 / 3 };
const QUICK = { steps: 6, seeds: [0] };

/**
 * Skin lesions by `vesalius compare`: bench/compare/skin.json at 128 x 128, then its best two at 256 x 256. Models of other code lie
 * in another folder. `VESALIUS_COMPARISON` names the folder of a comparison to go on with.
 */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const data = join(dataFolder(), 'isic2017_skin');
  const out =
    process.env['VESALIUS_COMPARISON'] ??
    join(ROOT, '.cache/d1', `${quick ? 'quick' : 'skin'}-${hashSources(SKIN_SOURCES)}`);
  const whole = readSkinComparison();
  const comparison = quick ? shortened(whole) : whole;
  const rows = await compareSkin({ name: quick ? 'd1-quick' : 'd1', comparison, data, out, log });
  const large = enlarged(comparison, bestTwo(rows));
  const largeOut = `${out}-${LARGE.side}`;
  const largeRows = quick
    ? []
    : await compareSkin({ name: `d1-${LARGE.side}`, comparison: large, data, out: largeOut, log });
  const figure = {
    images: countOf(rows, ({ image }) => image),
    seeds: countOf(rows, ({ seed }) => seed),
    recipes: countOf(rows, ({ recipe }) => recipe),
    gateMaps: await drawGates({ quick, log, data, out, rows }),
    ...gains(rows),
    ...(await otherCameras({ quick, log, data, out, rows })),
    ...tableOf(rows, ''),
    ...tableOf(largeRows, `${LARGE.side}.`),
  };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${Number(value.toPrecision(5))}`);
  return { figure, peer: {} };
}

function shortened(comparison: SkinComparison): SkinComparison {
  const two = comparison.recipes.filter(({ name }) => name === UNET || name === OURS);
  const recipes = two.map((recipe) => ({ ...recipe, steps: QUICK.steps }));
  return { ...comparison, ...QUICK, recipes };
}

/** The same recipes at the images' own size. */
function enlarged({ plan, recipes, steps, ...rest }: SkinComparison, chosen: readonly string[]): SkinComparison {
  const shorter = (count: number): number => Math.round(count * LARGE.stepShare);
  const side = [LARGE.side, LARGE.side];
  return {
    ...rest,
    name: `skin-${LARGE.side}`,
    steps: shorter(steps),
    plan: { ...plan, 'targetSpacingMm.value': [1, 1, 1], 'patchShape.value': side, 'inferer.value.roiShape': side },
    recipes: recipes
      .filter(({ name }) => chosen.includes(name))
      .map((recipe) => ({ ...recipe, ...(recipe.steps !== undefined && { steps: shorter(recipe.steps) }) })),
  };
}

/** By mean Dice; an ablation is TransUNet++ less a part, not a recipe of its own. */
function bestTwo(rows: readonly SkinRow[]): string[] {
  const names = [...new Set(rows.map(({ recipe }) => recipe))].filter((name) => !name.includes(' without '));
  const level = (name: string): number => meanOfNumbers([...byImage(rows, name, 'dice').values()]);
  return names.sort((a, b) => level(b) - level(a)).slice(0, 2);
}

const countOf = (rows: readonly SkinRow[], of: (row: SkinRow) => unknown): number => new Set(rows.map(of)).size;

/** Means over seeds; an image whose prediction is empty has no distance and is left out of HD95. */
function byImage(rows: readonly SkinRow[], recipe: string, column: string): Map<string, number> {
  const own = rows.filter((row) => row.recipe === recipe && Number.isFinite(row.values[column]));
  const images = Map.groupBy(own, ({ image }) => image);
  return new Map(
    [...images]
      .sort()
      .map(([image, found]) => [image, meanOfNumbers(found.map(({ values }) => values[column] as number))]),
  );
}

/** TransUNet++ over the U-Net, image by image. */
function gains(rows: readonly SkinRow[]): Record<string, number> {
  const gain = (column: string, kind: 'relative' | 'difference') =>
    pairedGain(byImage(rows, OURS, column), byImage(rows, UNET, column), kind);
  return {
    ...withEnds('relativeGain', gain('dice', 'relative')),
    ...withEnds('relativeGainJaccard', gain('iou', 'relative')),
    ...withEnds('diceGain', gain('dice', 'difference')),
  };
}

/** Each recipe's scores and costs, and its Dice less the U-Net's and less the whole TransUNet++'s, which is the table of ablations. */
function tableOf(rows: readonly SkinRow[], prefix: string): Record<string, number> {
  const names = [...new Set(rows.map(({ recipe }) => recipe))];
  const entries = names.flatMap((recipe) => {
    const own = rows.filter((row) => row.recipe === recipe);
    const mean = (column: string): number => meanOfNumbers([...byImage(rows, recipe, column).values()]);
    const cost = (column: string): number => meanOfNumbers(own.map(({ values }) => values[column] as number));
    const named = (name: string, value: number) => [`${prefix}${recipe}.${name}`, value] as const;
    const over = (name: string, other: string) =>
      recipe !== other && names.includes(other)
        ? withEnds(name, pairedGain(byImage(rows, recipe, 'dice'), byImage(rows, other, 'dice'), 'difference'))
        : {};
    return [
      ...['dice', 'iou', 'hd95'].map((column) => named(column, mean(column))),
      named('withoutDistance', own.filter(({ values }) => !Number.isFinite(values['hd95'])).length),
      ...['parameters', 'flops', 'steps', 'cpuSeconds'].map((column) => named(column, cost(column))),
      ...Object.entries({ ...over('overUnet', UNET), ...over('overWhole', OURS) }).map(([name, value]) =>
        named(name, value),
      ),
    ];
  });
  return Object.fromEntries(entries);
}

interface Asked extends FigureOptions {
  readonly data: string;
  readonly out: string;
  readonly rows: readonly SkinRow[];
}

/** Both on pictures in changed colours: a stand-in for another camera, of which there is none. */
async function otherCameras({ quick, log, data, out, rows }: Asked): Promise<Record<string, number>> {
  const names = [...new Set(rows.map(({ image }) => image))].sort();
  const found = await acrossCameras({
    name: quick ? 'd1-cameras-quick' : 'd1-cameras',
    recipes: [UNET, OURS],
    images: quick ? names.slice(0, GATE_MAPS) : names,
    seeds: [...new Set(rows.map(({ seed }) => seed))],
    data,
    out,
    log,
  });
  const [unet, ours] = [byImage(found, UNET, 'dice'), byImage(found, OURS, 'dice')];
  if (unet.size === 0 || ours.size !== unet.size) return {};
  return {
    otherCameraUnetDice: meanOfNumbers([...unet.values()]),
    otherCameraDice: meanOfNumbers([...ours.values()]),
    ...withEnds('otherCameraGain', pairedGain(ours, unet, 'relative')),
  };
}

/** What the gates weighed on the first images of the validation, kept in bench/results/d1-gates/ after a full run; how many there are. */
async function drawGates({ quick, log, data, out, rows }: Asked): Promise<number> {
  const bundle = join(out, 'runs', `${OURS}-s0-f0.bundle`);
  const kept = quick ? join(out, 'sheets') : join(ROOT, 'bench/results/d1-gates');
  if (!existsSync(bundle)) return existsSync(kept) ? readdirSync(kept).length : 0;
  const images = [...new Set(rows.map(({ image }) => image))].sort().slice(0, GATE_MAPS);
  const [pictures, gates] = [join(out, 'pictures'), join(out, 'gates')];
  for (const folder of [pictures, gates]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  for (const file of readdirSync(join(data, 'images')))
    if (images.some((image) => file.startsWith(image))) copyFileSync(join(data, 'images', file), join(pictures, file));
  await vesalius(['predict', bundle, pictures, join(out, 'labels'), '--explain', gates, '--threads', '1'], log);
  mkdirSync(kept, { recursive: true });
  const drawn = readdirSync(gates);
  for (const image of drawn) copyFileSync(join(gates, image, 'gates.png'), join(kept, `${image}.png`));
  return drawn.length;
}
