import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { FragmentsElement } from '../data-set/element.ts';
import { joinBytes } from '../part10/deflate.ts';

/** A run of fragments: the first, and one past the last. */
type Range = readonly [first: number, end: number];

/**
 * The compressed stream of one frame, without reading the others: by the extended offset table, by the basic one, by the
 * number of fragments, or by the marks at the ends of streams: PS3.5 A.4.
 *
 * @throws FILE_FORMAT when the fragments cannot be given to frames
 */
export function encapsulatedFrame(
  pixels: FragmentsElement,
  dataSet: DataSet,
  { frames, index }: { frames: number; index: number },
): Uint8Array {
  const { fragments } = pixels;
  const range = rangeOfFrame(pixels, dataSet, { frames, index });
  const [first, end] = range ?? [0, 0];
  if (end <= first) {
    throw new VesaliusError('FILE_FORMAT', {
      what: `fragments of frame ${index + 1}`,
      got: `${fragments.length} for ${frames} frames`,
    });
  }
  const parts = fragments.slice(first, end);
  return parts.length === 1 ? (parts[0] as Uint8Array) : joinBytes(parts);
}

function rangeOfFrame(
  pixels: FragmentsElement,
  dataSet: DataSet,
  { frames, index }: { frames: number; index: number },
): Range | undefined {
  const { fragments } = pixels;
  if (frames === 1) return [0, fragments.length];
  if (fragments.length === frames) return [index, index + 1];
  const starts = extendedOffsets(dataSet) ?? basicOffsets(pixels.offsetTable);
  return (starts.length === frames ? byOffsets(fragments, starts, index) : undefined) ?? byMarks(fragments, index);
}

/** (7FE0,0001): 64-bit offsets. */
function extendedOffsets(dataSet: DataSet): number[] | undefined {
  const offsets = dataSet.bigints('ExtendedOffsetTable');
  return offsets.length === 0 ? undefined : offsets.map(Number);
}

function basicOffsets(table: Uint8Array): number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / 4) }, (_, i) => view.getUint32(4 * i, true));
}

/** Offsets count from the first item after the table, with the 8 bytes of each item's header. */
function byOffsets(fragments: readonly Uint8Array[], starts: readonly number[], index: number): Range | undefined {
  const items: number[] = [];
  let at = 0;
  for (const fragment of fragments) {
    items.push(at);
    at += 8 + fragment.length;
  }
  const first = items.indexOf(starts[index] as number);
  const end = index + 1 < starts.length ? items.indexOf(starts[index + 1] as number) : fragments.length;
  return first < 0 || end < 0 ? undefined : [first, end];
}

/** A fragment that ends with the mark of JPEG and JPEG 2000 streams, FFD9, and perhaps padding, ends a frame. */
function byMarks(fragments: readonly Uint8Array[], index: number): Range | undefined {
  let first = 0;
  let frame = 0;
  for (const [i, fragment] of fragments.entries()) {
    if (!endsStream(fragment)) continue;
    if (frame === index) return [first, i + 1];
    frame++;
    first = i + 1;
  }
  return undefined;
}

function endsStream(fragment: Uint8Array): boolean {
  const tail = fragment.subarray(-10);
  for (let i = tail.length - 2; i >= 0; i--) if (tail[i] === 0xff && tail[i + 1] === 0xd9) return true;
  return false;
}
