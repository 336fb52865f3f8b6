import { join, resolve } from 'node:path';
import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import {
  buildSegmentation,
  buildSeries,
  codeNamed,
  createDicomFile,
  type DicomFile,
  readSegmentation,
  readSeries,
  type Segment,
  type SeriesModality,
  type SeriesRefusal,
  writeDicom,
} from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { readVolume, type Volume, writeVolume } from '@vesalius/volume';
import { stopIfInterrupted } from '../interruption.ts';
import { assertOtherPlace } from './assert-other-place.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { CONVERT_OPTIONS } from './convert.ts';
import { dicomFilesIn } from './convert-dicom-files.ts';

const VOLUME = /\.(nii|nii\.gz|nrrd)$/i;

type Arguments = CommandArguments<typeof CONVERT_OPTIONS>;

interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Converts between DICOM and volumes. */
export async function runConvert(
  args: Arguments,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const [input = '', output = ''] = args.positionals.map((path) => resolve(cwd, path));
  const [inputName = '', outputName = ''] = args.positionals;
  if (outputName === '')
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'OUT',
      got: 'none',
      expected: 'a volume, a .dcm file or a folder',
    });
  assertOtherPlace(input, output);
  const tell = (refusal: SeriesRefusal): unknown =>
    stderr.write(`${refusal.sopInstanceUids.length} instances are in no volume: ${refusal.reason.message}\n`);
  const steps = VOLUME.test(inputName)
    ? ofVolume(await readVolume(await readFileBytes(input), inputName), output, args, cwd)
    : ofDicom(input, output, args, tell);
  const written: string[] = [];
  for await (const { path, bytes } of steps) {
    stopIfInterrupted(signal);
    await writeFileAtomic(path, bytes);
    written.push(path);
  }
  stdout.write(
    json
      ? `${JSON.stringify({ written: written.length, to: outputName })}\n`
      : `${written.length} files: ${outputName}\n`,
  );
}

async function* ofVolume(
  volume: Volume,
  output: string,
  { options }: Arguments,
  cwd: string,
): AsyncGenerator<NamedBytes> {
  if (VOLUME.test(output)) {
    yield { path: output, bytes: await writeVolume(volume, output) };
    return;
  }
  const source = options.source === undefined ? [] : await dataSetsIn(resolve(cwd, options.source));
  if (/\.dcm$/i.test(output)) {
    yield { path: output, bytes: await segmentationBytes(volume, source) };
    return;
  }
  const [first] = source;
  const instances = buildSeries(volume, {
    modality: options.modality as SeriesModality,
    ...(first ? { source: first } : {}),
  });
  for (const [i, dataSet] of instances.entries())
    yield {
      path: join(output, `${String(i + 1).padStart(5, '0')}.dcm`),
      bytes: await writeDicom(createDicomFile(dataSet)),
    };
}

async function dataSetsIn(path: string): Promise<DicomFile['dataSet'][]> {
  const dataSets: DicomFile['dataSet'][] = [];
  for await (const { file } of dicomFilesIn(path)) dataSets.push(file.dataSet);
  return dataSets;
}

/** Every value of the label map becomes a segment of no further meaning. */
function segmentationBytes(labels: Volume, source: DicomFile['dataSet'][]): Promise<Uint8Array> {
  if (source.length === 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: '--source',
      got: 'none',
      expected: 'the series that was segmented',
    });
  const values = new Set<number>();
  for (let i = 0; i < labels.voxels.length; i++) values.add(Number(labels.voxels[i]));
  values.delete(0);
  const structure = codeNamed('SCT', 'AnatomicalStructure');
  const segments = [...values]
    .sort((a, b) => a - b)
    .map(
      (number): Segment => ({
        number,
        label: `Label ${number}`,
        category: structure,
        type: structure,
        algorithm: { type: 'SEMIAUTOMATIC', name: 'unknown' },
      }),
    );
  return writeDicom(createDicomFile(buildSegmentation({ source, content: labels, segments })));
}

async function* ofDicom(
  input: string,
  output: string,
  { options }: Arguments,
  tell: (refusal: SeriesRefusal) => void,
): AsyncGenerator<NamedBytes> {
  const files: DicomFile[] = [];
  for await (const { file } of dicomFilesIn(input)) files.push(file);
  const [only] = files;
  if (only === undefined) throw new VesaliusError('EMPTY_FOLDER', { what: 'DICOM files', got: 'none', file: input });
  if (files.length === 1 && only.dataSet.has('SegmentationType')) {
    yield { path: output, bytes: await writeVolume((await readSegmentation(only)).labels(), output) };
    return;
  }
  const { volumes, refused } = await readSeries(files, { allowTilt: options['allow-tilt'] });
  for (const refusal of refused) tell(refusal);
  const [first] = volumes;
  if (first === undefined)
    throw refused[0]?.reason ?? new VesaliusError('EMPTY_FOLDER', { what: 'images', file: input });
  if (VOLUME.test(output)) {
    if (volumes.length > 1)
      throw new VesaliusError('DATA_MISMATCH', {
        what: `volumes in ${input}`,
        got: volumes.length,
        expected: 'one, or a folder as OUT',
      });
    yield { path: output, bytes: await writeVolume(first.volume, output) };
    return;
  }
  for (const [i, { volume, frames }] of volumes.entries()) {
    const number = frames[0]?.dataSet.number('SeriesNumber') ?? 0;
    const path = join(output, `${i + 1}-series-${number}.nii.gz`);
    yield { path, bytes: await writeVolume(volume, path) };
  }
}
