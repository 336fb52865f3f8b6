import { join, resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { type Volume, writeVolume } from '@vesalius/volume';
import { openPredictor } from '../bundle/open-predictor.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { readCase } from '../datasets/read-case.ts';
import { listFolder } from '../files/read-files.ts';
import { writeFileAtomic } from '../files/write-atomic.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { showProgress } from '../run/progress.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PREDICT_OPTIONS } from './predict.ts';

/** Writes a label map for every scan. */
export async function runPredict(
  { positionals: [bundleFolder = '', input = '', output = ''], options }: CommandArguments<typeof PREDICT_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const bundle = await readBundle(resolve(cwd, bundleFolder));
  const scans = await findScans(resolve(cwd, input), bundle.manifest.channels.length);
  const predictor = await openPredictor(bundle, options);
  const progress = showProgress(stderr, { label: 'Predicting', json });
  for (const [i, { name, read }] of scans.entries()) {
    stopIfInterrupted(signal);
    const labels = await predictor.predict(await read(), { signal });
    await writeFileAtomic(join(resolve(cwd, output), name), await writeVolume(labels, name));
    progress.update({ done: i + 1, total: scans.length, note: name });
  }
  progress.finish();
  await predictor.close();
  stdout.write(
    json
      ? `${JSON.stringify({ written: scans.map(({ name }) => name), folder: output })}\n`
      : `${scans.length} label maps in ${output}\n`,
  );
}

interface Scan {
  /** File name of the label map. */
  readonly name: string;
  read(): Promise<readonly Volume[]>;
}

const SCAN = /\.(nii|nii\.gz|nrrd)$/i;

async function findScans(folder: string, channels: number): Promise<Scan[]> {
  const plain = (await listFolder(folder)).files.filter((name) => SCAN.test(name));
  if (channels === 1 && plain.length > 0) {
    const dataset = { root: folder, channels: [{ name: 'image' }] };
    return plain.map((name) => scanOf(dataset, { id: name, images: [join(folder, name)] }, name));
  }
  const dataset = await openDataset(folder);
  const got = dataset.channels.length;
  if (got !== channels)
    throw new VesaliusError('DATA_MISMATCH', { what: 'channels of the scans', got, expected: channels, file: folder });
  return dataset.cases.map(({ id, images }) => scanOf(dataset, { id, images }, `${id}.nii.gz`));
}

function scanOf(dataset: Parameters<typeof readCase>[0], item: Parameters<typeof readCase>[1], name: string): Scan {
  return { name, read: async () => (await readCase(dataset, item)).channels };
}
