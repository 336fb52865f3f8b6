import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { readVolume, writeVolume } from '@vesalius/volume';
import { openPredictor } from '../bundle/open-predictor.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import { readCase } from '../datasets/read-case.ts';
import { listFolder, readFileBytes } from '../files/read-files.ts';
import { writeFileAtomic } from '../files/write-atomic.ts';
import { stopIfInterrupted } from '../interruption.ts';
import { showProgress } from '../run/progress.ts';
import { defineCommand } from './command.ts';

export const predict = defineCommand({
  name: 'predict',
  summary: 'write a label map for every scan of a folder',
  usage: 'BUNDLE IN OUT',
  details: `For every image in the folder IN a label map of the same name, grid and affine is written into OUT.
Models with several channels take IN as a data folder of any layout, and name each label map after its case.`,
  options: {
    mirror: { type: 'flag', summary: 'average over mirrored scans: slower, often a little better' },
    threads: { type: 'number', value: 'N', summary: 'processor threads', integer: true, minimum: 1, default: 2 },
  },
  async run(
    { positionals: [bundleFolder = '', input = '', output = ''], options },
    { stdout, stderr, signal, json, cwd },
  ) {
    const bundle = await readBundle(resolve(cwd, bundleFolder));
    const scans = await findScans(resolve(cwd, input), bundle.manifest.channels.length);
    const predictor = await openPredictor(bundle, options);
    const progress = showProgress(stderr, { label: 'Predicting', json });
    await mkdir(resolve(cwd, output), { recursive: true });
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
  },
});

interface Scan {
  /** File name of the label map. */
  readonly name: string;
  read(): Promise<Awaited<ReturnType<typeof readVolume>>[]>;
}

const SCAN = /\.(nii|nii\.gz|nrrd)$/i;

async function findScans(folder: string, channels: number): Promise<Scan[]> {
  const { files } = await listFolder(folder);
  const plain = files.map((file) => basename(file)).filter((name) => SCAN.test(name) && !name.startsWith('.'));
  if (channels === 1 && plain.length > 0) {
    return plain
      .sort()
      .map((name) => ({
        name,
        read: async () => [await readVolume(await readFileBytes(join(folder, name)), join(folder, name))],
      }));
  }
  const dataset = await openDataset(folder);
  if (dataset.channels.length !== channels) {
    throw new VesaliusError('DATA_MISMATCH', {
      what: 'channels of the scans',
      got: dataset.channels.length,
      expected: channels,
      file: folder,
    });
  }
  return dataset.cases.map((item) => ({
    name: `${item.id}.nii.gz`,
    read: async () => [...(await readCase(dataset, item)).channels],
  }));
}
