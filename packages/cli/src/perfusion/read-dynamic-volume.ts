import { basename, dirname, join } from 'node:path';
import { listFolder, readFileBytes, readJsonFile } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import { readVolume, type Volume } from '@vesalius/volume';
import type { DynamicStudy } from './dynamic-study.ts';

const VOLUME = /\.(nii|nii\.gz|nrrd)$/i;
const ANGLE = /(\d+(?:\.\d+)?)[-_ ]?deg/i;

export function isVolumeName(name: string): boolean {
  return VOLUME.test(name);
}

/**
 * A dynamic series from a 4-D file, what a JSON file says of it, and the 3-D images of flip angles beside it.
 *
 * @param folder - where it lies
 * @param name - of the 4-D file; the only one of the folder without it
 * @throws EMPTY_FOLDER where no file is 4-D, FILE_FORMAT where the JSON says what cannot be
 */
export async function readDynamicVolume(folder: string, name?: string): Promise<DynamicStudy> {
  const names = (await listFolder(folder)).files;
  const volumes = await volumesOf(folder, names.filter(isVolumeName), name);
  const dynamic = volumes.find((one) => (name === undefined ? one.volume.timePoints > 1 : one.name === name));
  if (dynamic === undefined)
    throw new VesaliusError('EMPTY_FOLDER', { what: 'dynamic series', got: 'no 4-D file', file: folder });
  const about = await descriptionOf(folder, names, dynamic.name);
  const angles = volumes.filter(({ angle, volume }) => angle !== undefined && volume.timePoints === 1);
  const repetitionSeconds = about.repetitionSeconds;
  return {
    volume: dynamic.volume,
    ...about,
    ...(angles.length > 1 && repetitionSeconds !== undefined
      ? {
          flipAngles: {
            images: angles.map(({ volume }) => volume),
            anglesDegrees: angles.map(({ angle }) => angle as number),
            repetitionSeconds,
          },
        }
      : {}),
    source: [],
  };
}

/** As `readDynamicVolume`, of one file and what lies beside it. */
export function readDynamicFile(path: string): Promise<DynamicStudy> {
  return readDynamicVolume(dirname(path), basename(path));
}

interface NamedVolume {
  readonly name: string;
  readonly volume: Volume;
  readonly angle: number | undefined;
}

/** Of a folder of other things too, only the file asked for and those that name an angle are read. */
async function volumesOf(folder: string, names: readonly string[], wanted: string | undefined): Promise<NamedVolume[]> {
  const volumes: NamedVolume[] = [];
  for (const name of names) {
    const angle = ANGLE.exec(name)?.[1];
    if (wanted !== undefined && name !== wanted && angle === undefined) continue;
    const volume = await readVolume(await readFileBytes(join(folder, name)), name);
    volumes.push({ name, volume, angle: angle === undefined ? undefined : Number(angle) });
  }
  return volumes;
}

/** The JSON of the file's own name, or the only one. */
async function descriptionOf(
  folder: string,
  names: readonly string[],
  volume: string,
): Promise<Pick<DynamicStudy, 'seconds' | 'repetitionSeconds' | 'flipAngleDegrees'>> {
  const all = names.filter((name) => /\.json$/i.test(name));
  const own = `${volume.replace(VOLUME, '')}.json`;
  const file = all.includes(own) ? own : all.length === 1 ? all[0] : undefined;
  if (file === undefined) return {};
  const path = join(folder, file);
  const said = (await readJsonFile(path)) as Readonly<Record<string, unknown>>;
  const number = (scale: number, name: string): number | undefined => {
    const value = said[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value > 0) return scale * value;
    throw new VesaliusError('FILE_FORMAT', { what: name, got: value, expected: 'a number above 0', file: path });
  };
  const repetitionSeconds =
    number(0.001, 'TR_ms') ?? number(1, 'RepetitionTimeExcitation') ?? number(1, 'RepetitionTime');
  const flipAngleDegrees = number(1, 'flip_deg') ?? number(1, 'FlipAngle');
  const seconds = said['times_s'] ?? said['VolumeTiming'] ?? said['FrameTimesStart'];
  if (seconds !== undefined && !(Array.isArray(seconds) && seconds.every(Number.isFinite)))
    throw new VesaliusError('FILE_FORMAT', {
      what: 'times',
      got: typeof seconds,
      expected: 'a list of seconds',
      file: path,
    });
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(repetitionSeconds === undefined ? {} : { repetitionSeconds }),
    ...(flipAngleDegrees === undefined ? {} : { flipAngleDegrees }),
  };
}
