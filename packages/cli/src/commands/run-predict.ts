import { isAbsolute, join, relative, resolve } from 'node:path';
import { type BundleManifest, openPredictor, readBundle } from '@vesalius/bundle';
import { listFolder, writeFileAtomic } from '@vesalius/bundle/files';
import { encodePng } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { takesMissingChannels } from '@vesalius/methods';
import { type Volume, writeVolume } from '@vesalius/volume';
import { isImageFile, stemOf } from '../datasets/layouts/file-names.ts';
import { channelsLeft, leaveOut } from '../datasets/leave-out-channels.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { readCase } from '../datasets/read-case.ts';
import { openExplainer } from '../explanation/open-explainer.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { isPicture } from '../pictures/read-picture.ts';
import { showProgress } from '../run/progress.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PREDICT_OPTIONS } from './predict.ts';

/** Writes a label map for every scan. */
export async function runPredict(
  { positionals: [bundleFolder = '', input = '', output = ''], options }: CommandArguments<typeof PREDICT_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  for (const folder of [output, ...(options.explain === undefined ? [] : [options.explain])])
    assertApart(resolve(cwd, input), resolve(cwd, folder));
  const bundle = await readBundle(resolve(cwd, bundleFolder));
  const scans = await findScans(resolve(cwd, input), bundle.manifest, options.without);
  const explained = options.explain === undefined ? undefined : resolve(cwd, options.explain);
  const predictor = await openPredictor(bundle, options);
  const explainer =
    explained === undefined
      ? undefined
      : await openExplainer({ bundle, predictor, folder: explained, threads: options.threads, signal });
  const progress = showProgress(stderr, { label: 'Predicting', json });
  for (const [i, { name, read }] of scans.entries()) {
    stopIfInterrupted(signal);
    const channels = await read();
    const labels = await predictor.predict(channels, { signal });
    await writeFileAtomic(join(resolve(cwd, output), name), await bytesOf(labels, name));
    await explainer?.explain({ name, channels, labels });
    progress.update({ done: i + 1, total: scans.length, note: name });
  }
  progress.finish();
  await predictor.close();
  await explainer?.close();
  stdout.write(
    json
      ? `${JSON.stringify({ written: scans.map(({ name }) => name), folder: output, ...(explained !== undefined && { explained }) })}\n`
      : `${scans.length} label maps in ${output}\n`,
  );
}

/** A label map has its scan's name: beside the scans or their labels it would take their place. */
function assertApart(input: string, output: string): void {
  const way = relative(input, output);
  if (way !== '' && (way.startsWith('..') || isAbsolute(way))) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: 'folder for label maps',
    got: "the scans' own",
    expected: 'another',
    file: output,
  });
}

interface Scan {
  /** File name of the label map. */
  readonly name: string;
  read(): Promise<readonly Volume[]>;
}

async function findScans(
  folder: string,
  { channels, plan }: Pick<BundleManifest, 'channels' | 'plan'>,
  without: string | undefined,
): Promise<Scan[]> {
  const left = channelsLeft({ channels, plan }, without);
  const files = (await listFolder(folder)).files.filter(isImageFile);
  const plain = channels.length === 1 ? files : files.filter(isPicture);
  if (plain.length > 0) {
    const item = (name: string) => ({ id: name, images: [join(folder, name)] });
    return distinct(
      plain.map((name) => scanOf({ root: folder, channels }, item(name), { name: labelName(name), left })),
    );
  }
  const dataset = await openDataset(folder, { channels, missing: takesMissingChannels(plan) });
  const got = dataset.channels.length;
  if (got !== channels.length && !dataset.cases.every(({ images: [first] }) => isPicture(first ?? '')))
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'channels of the scans',
      got,
      expected: channels.length,
      file: folder,
    });
  return dataset.cases.map(({ id, images }) => {
    const name = isPicture(images[0] ?? '') ? `${id}.png` : `${id}.nii.gz`;
    return scanOf({ root: folder, channels }, { id, images }, { name, left });
  });
}

/** Of the same name; JPEG would change the values. */
function labelName(name: string): string {
  return isPicture(name) ? `${stemOf(name)}.png` : name;
}

/** @throws DATA_MISMATCH when a label map would be written over another: `a.jpg` beside `a.png` */
function distinct(scans: Scan[]): Scan[] {
  const names = new Set<string>();
  for (const { name } of scans) {
    if (names.has(name)) throw new VesaliusError('DATA_MISMATCH', { what: 'scans whose label map is', got: name });
    names.add(name);
  }
  return scans;
}

function scanOf(
  dataset: Parameters<typeof readCase>[0],
  item: Parameters<typeof readCase>[1],
  { name, left }: { readonly name: string; readonly left: readonly boolean[] },
): Scan {
  return { name, read: async () => leaveOut((await readCase(dataset, item)).channels, left) };
}

function bytesOf(labels: Volume<Uint8Array>, name: string): Promise<Uint8Array> {
  const { size, voxels } = labels;
  if (!isPicture(name)) return writeVolume(labels, name);
  return encodePng({ width: size[0], height: size[1], channels: 1, data: voxels });
}
