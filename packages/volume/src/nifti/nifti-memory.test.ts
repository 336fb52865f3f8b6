import { expect, test } from 'vitest';
import { createVolume, type VoxelArray } from '../volume.ts';
import { readNiftiStream } from './read-nifti.ts';
import { niftiHeaderBytes } from './write-nifti.ts';

const SIZE = [512, 512, 400] as const;
const VOXELS = SIZE[0] * SIZE[1] * SIZE[2];
const BLOCK = 1 << 20;

/** A gzip NIfTI of 210 MB that is made while it is read. */
function generated(change: (header: DataView) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const small = createVolume({ voxels: new Int16Array(1), size: [1, 1, 1] });
  const header = niftiHeaderBytes(small);
  const view = new DataView(header.buffer);
  for (const [axis, n] of SIZE.entries()) view.setInt16(42 + 2 * axis, n, true);
  change(view);
  const block = new Uint8Array(Int16Array.from({ length: BLOCK / 2 }, (_, index) => index % 4096).buffer);
  let sent = -1;
  const pull = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void => {
    if (sent * BLOCK >= 2 * VOXELS) controller.close();
    else controller.enqueue(sent < 0 ? header : block);
    sent++;
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 }).pipeThrough(new CompressionStream('gzip'));
}

async function peakBytes(stream: ReadableStream<Uint8Array>): Promise<{ peak: number; voxels: VoxelArray }> {
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  };
  const watched = stream.pipeThrough(
    new TransformStream({
      transform: (chunk, controller) => {
        sample();
        controller.enqueue(chunk);
      },
    }),
  );
  const { voxels } = await readNiftiStream(watched);
  sample();
  return { peak, voxels };
}

test('reads 210 MB from gzip with at most a quarter more memory than its voxels', { timeout: 60_000 }, async () => {
  const { peak, voxels } = await peakBytes(generated(() => undefined));
  expect(voxels.byteLength).toBe(2 * VOXELS);
  expect([voxels[5000], voxels[VOXELS - 1]]).toEqual([5000 % 4096, 4095]);
  expect(peak).toBeLessThan(1.25 * voxels.byteLength);
});

test('scales while it reads, without a second copy', { timeout: 60_000 }, async () => {
  const scaled = generated((view) => view.setFloat32(112, 0.5, true));
  const { peak, voxels } = await peakBytes(scaled);
  expect(voxels).toBeInstanceOf(Float32Array);
  expect(voxels[4095]).toBe(2047.5);
  expect(peak).toBeLessThan(1.25 * voxels.byteLength);
});
