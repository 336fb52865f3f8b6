import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomic } from '@vesalius/bundle/files';
import { generateChestPhantom, generatePhantom, PHANTOM_LABELS } from '@vesalius/medical';
import { writeVolume } from '@vesalius/volume';
import { stopIfInterrupted } from '../interruption.ts';

export interface WritePhantomsOptions {
  readonly cases: number;
  readonly seed: number | string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Says that the scans are made up; also what tells such a folder from others when it is to be written again. */
const NOTE = 'phantom.json';

/**
 * Writes made-up scans with labels as `images/` and `labels/`, described as in the Decathlon; a former folder of phantoms is replaced.
 *
 * @throws WRITE_FAILED, DISK_FULL, INTERRUPTED; nothing half written remains
 */
export async function writePhantoms(
  folder: string,
  { cases, seed, signal, onProgress }: WritePhantomsOptions,
): Promise<void> {
  const fill = async (inside: string) => {
    for (const name of ['images', 'labels']) await mkdir(join(inside, name));
    for (let i = 0; i < cases; i++) {
      stopIfInterrupted(signal);
      const name = fileName(i);
      const { image, label } = generatePhantom(`${seed}/${i}`);
      await writeFile(join(inside, 'images', name), await writeVolume(image, name));
      await writeFile(join(inside, 'labels', name), await writeVolume(label, name));
      onProgress?.({ done: i + 1, total: cases });
    }
    await writeFile(join(inside, NOTE), `${JSON.stringify({ generated: true, cases, seed })}\n`);
    await writeFile(join(inside, 'dataset.json'), `${JSON.stringify(description(cases), null, 2)}\n`);
  };
  await writeFolderAtomic(folder, { fill, replaceIfHolding: [NOTE, 'images', 'labels'] });
}

/** The same with made-up chest scans and `annotations.csv`, as LUNA16 writes it. @throws WRITE_FAILED, DISK_FULL, INTERRUPTED */
export async function writeChestPhantoms(
  folder: string,
  { cases, seed, signal, onProgress }: WritePhantomsOptions,
): Promise<void> {
  const fill = async (inside: string) => {
    await mkdir(join(inside, 'images'));
    const lines = ['seriesuid,coordX,coordY,coordZ,diameter_mm'];
    for (let i = 0; i < cases; i++) {
      stopIfInterrupted(signal);
      const name = fileName(i);
      const { image, findings } = generateChestPhantom(`${seed}/${i}`);
      await writeFile(join(inside, 'images', name), await writeVolume(image, name));
      for (const { centreMm, diameterMm } of findings)
        lines.push([name.replace('.nii.gz', ''), ...[...centreMm, diameterMm].map((mm) => mm.toFixed(2))].join(','));
      onProgress?.({ done: i + 1, total: cases });
    }
    await writeFile(join(inside, 'annotations.csv'), `${lines.join('\n')}\n`);
    await writeFile(join(inside, NOTE), `${JSON.stringify({ generated: true, kind: 'chest', cases, seed })}\n`);
  };
  await writeFolderAtomic(folder, { fill, replaceIfHolding: [NOTE, 'images', 'annotations.csv'] });
}

function fileName(index: number): string {
  return `phantom_${String(index + 1).padStart(3, '0')}.nii.gz`;
}

/** Names the classes. */
function description(cases: number): object {
  const files = Array.from({ length: cases }, (_, i) => fileName(i));
  return {
    name: 'phantom',
    description: 'Made-up heads; no patient was scanned.',
    modality: { '0': 'MRI' },
    labels: Object.fromEntries(PHANTOM_LABELS.map(({ value, name }) => [value, name])),
    training: files.map((name) => ({ image: `./images/${name}`, label: `./labels/${name}` })),
  };
}
