import { createVolume, type Volume, type VoxelArray } from '@vesalius/volume';
import { parsePngHeader } from './png-header.ts';
import { jpegChannels, readJpeg } from './read-jpeg.ts';
import { readPng } from './read-png.ts';
import { pictureError, type Samples } from './samples.ts';

const PNG = /\.png$/i;

/** Whether the name is that of a picture: .png, .jpg or .jpeg. */
export function isPicture(name: string): boolean {
  return /\.(png|jpe?g)$/i.test(name);
}

/**
 * How many channels a picture has, by its header: 1 grey, 3 colour; opacity is passed over.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED
 */
export function pictureChannels(bytes: Uint8Array, name: string): 1 | 3 {
  if (!PNG.test(name)) return jpegChannels(bytes, name);
  const { channels, indexed } = parsePngHeader(bytes, name);
  return channels > 2 || indexed ? 3 : 1;
}

/**
 * Reads a PNG or JPEG picture as a volume of one slice: x to the right, y downward, a pixel a millimetre, red, green and blue
 * as three components. Grey of fewer than 8 bits is stretched to 0 to 255.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED, LIMIT_EXCEEDED
 */
export async function readPicture(bytes: Uint8Array, name: string): Promise<Volume> {
  const samples = await samplesOf(bytes, name);
  const { palette, data, bits } = samples;
  if (palette) return volumeOf(samples, 3, (pixel, c) => palette[3 * (data[pixel] as number) + c] ?? 0);
  const scale = bits < 8 ? 255 / (2 ** bits - 1) : 1;
  const colours = samples.channels > 2 ? 3 : 1;
  return volumeOf(samples, colours, (pixel, c) => scale * (data[pixel * samples.channels + c] as number));
}

/**
 * Reads a PNG picture as a label map of one slice: grey values, or the numbers of a palette's colours. Black and white of one
 * bit is 0 and 255, as every viewer shows it.
 *
 * @throws FILE_UNSUPPORTED for JPEG, which changes values, and for colours without a palette; otherwise as `readPicture`
 */
export async function readLabelPicture(bytes: Uint8Array, name: string): Promise<Volume> {
  if (!PNG.test(name))
    throw pictureError('FILE_UNSUPPORTED', { what: 'label map', got: 'JPEG', expected: 'PNG' }, name);
  const samples = await readPng(bytes, name);
  const { data, channels, bits, palette } = samples;
  const coloured = channels > 2 && data.some((value, i) => i % channels < 3 && value !== data[i - (i % channels)]);
  if (coloured) {
    const expected = 'grey values or a palette, a number a class';
    throw pictureError('FILE_UNSUPPORTED', { what: 'label map', got: 'colours', expected }, name);
  }
  const scale = bits === 1 && !palette ? 255 : 1;
  return volumeOf(samples, 1, (pixel) => scale * (data[pixel * channels] as number));
}

async function samplesOf(bytes: Uint8Array, name: string): Promise<Samples> {
  return PNG.test(name) ? readPng(bytes, name) : readJpeg(bytes, name);
}

function volumeOf(
  { width, height, data }: Samples,
  components: number,
  sample: (pixel: number, component: number) => number,
): Volume {
  const pixels = width * height;
  const voxels: VoxelArray = new (data instanceof Uint16Array ? Uint16Array : Uint8Array)(components * pixels);
  for (let c = 0; c < components; c++)
    for (let pixel = 0; pixel < pixels; pixel++) voxels[c * pixels + pixel] = sample(pixel, c);
  return createVolume({ voxels, size: [width, height, 1], components });
}
