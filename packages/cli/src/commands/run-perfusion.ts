import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileErrorOf, listFolder, readFileBytes, writeFileAtomic, writeFolderAtomic } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import {
  type ArterialInput,
  alignFrames,
  type DynamicSeries,
  dynamicSeries,
  measuredInput,
  type PerfusionMaps,
  type PerfusionOptions,
  perfusionMaps,
} from '@vesalius/medical';
import { writeNifti } from '@vesalius/volume';
import { stopIfInterrupted } from '../interruption.ts';
import { curvesPicture } from '../perfusion/curves-picture.ts';
import type { DynamicStudy } from '../perfusion/dynamic-study.ts';
import { mapPicture } from '../perfusion/map-picture.ts';
import { parametricMaps } from '../perfusion/parametric-maps.ts';
import { perfusionFigures, perfusionText } from '../perfusion/perfusion-figures.ts';
import { readDynamicDicom } from '../perfusion/read-dynamic-dicom.ts';
import { isVolumeName, readDynamicFile, readDynamicVolume } from '../perfusion/read-dynamic-volume.ts';
import { showProgress } from '../run/progress.ts';
import { assertOtherPlace } from './assert-other-place.ts';
import type { CommandArguments, CommandContext } from './command.ts';
import type { PERFUSION_OPTIONS } from './perfusion.ts';

type Options = CommandArguments<typeof PERFUSION_OPTIONS>['options'];

const FIGURES = 'perfusion.json';

/** Reads a dynamic contrast series, maps it, and writes maps, curves and figures. */
export async function runPerfusion(
  { positionals: [path = ''], options }: CommandArguments<typeof PERFUSION_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  const [input, out] = [resolve(cwd, path), resolve(cwd, options.out)];
  assertOtherPlace(input, out);
  const study = await readStudy(input);
  if (options.dicom && study.source.length === 0)
    throw new VesaliusError('INVALID_ARGUMENT', { what: '--dicom', got: 'a series that is no DICOM', file: path });
  const read = dynamicSeries(study.volume, secondsOf(study, options));
  const series = options.align ? alignFrames(read).series : read;
  const progress = showProgress(stderr, { label: 'Mapping', json });
  const maps = await perfusionMaps(series, {
    ...(await perfusionOptions(study, options, cwd)),
    onSlice: async (done, total) => {
      progress.update({ done, total, note: `slice ${done}` });
      await setImmediate();
      stopIfInterrupted(signal);
    },
  });
  progress.finish();
  const figures = perfusionFigures(series, maps);
  await writeFolderAtomic(out, {
    replaceIfHolding: [FIGURES],
    fill: async (folder) => {
      await writeMaps(folder, series, maps);
      await writeFileAtomic(join(folder, FIGURES), `${JSON.stringify(figures, null, 2)}\n`);
      if (!options.dicom) return;
      for await (const { name, bytes } of parametricMaps(maps, study.source))
        await writeFileAtomic(join(folder, name), bytes);
    },
  });
  stdout.write(`${json ? JSON.stringify({ to: options.out, ...figures }) : perfusionText(figures, options.out)}\n`);
}

async function readStudy(path: string): Promise<DynamicStudy> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileErrorOf(error, path);
  });
  if (!found.isDirectory()) return isVolumeName(path) ? readDynamicFile(path) : readDynamicDicom(path);
  return (await listFolder(path)).files.some(isVolumeName) ? readDynamicVolume(path) : readDynamicDicom(path);
}

function secondsOf({ seconds, volume }: DynamicStudy, options: Options): readonly number[] | undefined {
  const step = options['step-seconds'];
  return step === undefined ? seconds : Array.from({ length: volume.timePoints }, (_, t) => t * step);
}

async function perfusionOptions(study: DynamicStudy, options: Options, cwd: string): Promise<PerfusionOptions> {
  const milliseconds = options['tr-ms'];
  const repetitionSeconds = milliseconds === undefined ? study.repetitionSeconds : milliseconds / 1000;
  const flipAngleDegrees = options['flip-degrees'] ?? study.flipAngleDegrees;
  const t1 = options.t1 ?? study.flipAngles;
  return {
    ...(repetitionSeconds && flipAngleDegrees ? { echo: { repetitionSeconds, flipAngleDegrees } } : {}),
    ...(t1 === undefined ? {} : { t1 }),
    ...(options.relaxivity === undefined ? {} : { relaxivity: options.relaxivity }),
    ...(options.input === undefined ? {} : { input: await readInput(resolve(cwd, options.input)) }),
    model: options.model === 'tofts' ? 'tofts' : 'extended',
  };
}

/** Lines of seconds and mM in blood; a first line of names is passed over. */
async function readInput(path: string): Promise<ArterialInput> {
  const lines = new TextDecoder()
    .decode(await readFileBytes(path))
    .trim()
    .split(/\r?\n/);
  const rows = lines.map((line) => line.split(/[,;\t]/).map(Number));
  if (!rows[0]?.every(Number.isFinite)) rows.shift();
  const wrong = rows.findIndex((row) => row.length !== 2 || !row.every(Number.isFinite));
  if (wrong >= 0 || rows.length < 2)
    throw new VesaliusError('FILE_FORMAT', {
      what: `row ${wrong + 1} of the arterial input`,
      got: rows[wrong] ?? 'nothing',
      expected: 'seconds and mM, a comma between them',
      file: path,
    });
  return measuredInput(
    rows.map(([seconds]) => seconds as number),
    rows.map(([, blood]) => blood as number),
  );
}

async function writeMaps(folder: string, series: DynamicSeries, maps: PerfusionMaps): Promise<void> {
  for (const [name, volume] of Object.entries({ ...maps.maps, 'curve-types': maps.curveTypes }))
    await writeFileAtomic(join(folder, `${name}.nii.gz`), await writeNifti(volume));
  const pictures = await Promise.all([
    mapPicture('Ktrans /min', maps.maps.ktrans),
    mapPicture('ve', maps.maps.ve),
    mapPicture('kep /min', maps.maps.kep),
    mapPicture('arrival s', maps.maps.arrival),
  ]);
  const picture = curvesPicture({
    seconds: series.seconds,
    curves: maps.typeCurves.map((values, i) => ({ name: `type ${'I'.repeat(i + 1)}`, values })),
    arrivalSeconds: maps.arrival.seconds,
    maps: pictures,
  });
  await writeFileAtomic(join(folder, 'curves.svg'), picture);
}
