import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { profileBundle, readBundle } from '@vesalius/bundle';
import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import { inspectOnnx, type LayerFigures, type ModelFigures, readOnnx } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { CommandArguments, CommandContext } from './command.ts';
import type { INSPECT_OPTIONS } from './inspect.ts';

/** Prints a model's layers. */
export async function runInspect(
  { positionals: [path = ''], options }: CommandArguments<typeof INSPECT_OPTIONS>,
  { stdout, json, cwd }: CommandContext,
): Promise<void> {
  const file = await modelFile(resolve(cwd, path));
  const model = readOnnx(await readFileBytes(file), file);
  const [first] = model.graph.inputs;
  const shape = options.input === undefined ? await ownShape(resolve(cwd, path)) : parseShape(options.input);
  const open = first?.shape.some((size) => typeof size !== 'number');
  if (open && !shape) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `input ${first?.name} of ${first?.shape.join('x')}`,
      got: 'no sizes',
      expected: '--input, such as 1x1x40x56x40',
    });
  }
  const figures = await inspectOnnx(model, first && shape ? { [first.name]: shape } : {});
  if (options.profile !== undefined) {
    const times = await profileBundle(await readBundle(resolve(cwd, path)), { threads: availableParallelism() });
    await writeFileAtomic(resolve(cwd, options.profile), JSON.stringify(times));
  }
  stdout.write(`${json ? JSON.stringify(figures) : table(figures, options.all)}\n`);
}

/** The window that a bundle's model predicts at once. */
async function ownShape(path: string): Promise<number[] | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return undefined;
  const { channels, processing } = (await readBundle(path)).manifest;
  return [1, channels.length, ...processing.roiShape];
}

async function modelFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? join(path, 'model.onnx') : path;
}

function parseShape(text: string): number[] {
  const sizes = text.split('x').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: '--input',
    got: text,
    expected: 'sizes with x between them, such as 1x1x40x56x40',
  });
}

function table({ layers, parameters, flops, parameterBytes, peakActivationBytes }: ModelFigures, all: boolean): string {
  const shown = layers.filter((layer) => all || layer.parameters > 64 || layer.flops > 0.001 * flops);
  const rows = [['layer', 'output', 'parameters', 'MFLOP', 'MB'], ...shown.map(row)];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: string[]): string =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  const total = `${layers.length} nodes, ${parameters.toLocaleString('en')} parameters (${megabytes(parameterBytes)} MB), ${(flops / 1e9).toFixed(2)} GFLOP, activations ${megabytes(peakActivationBytes)} MB at most`;
  return [...rows.map(line), '', total].join('\n');
}

function row({ opType, outputShapes, parameters, flops, outputBytes }: LayerFigures): string[] {
  return [
    opType,
    outputShapes[0]?.join('x') ?? '',
    String(parameters),
    (flops / 1e6).toFixed(2),
    megabytes(outputBytes),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
