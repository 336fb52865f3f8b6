import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../golden/dicom-files.ts';
import { shortHash } from '../../../golden/dicom-lines.ts';
import { joinBytes } from './part10/deflate.ts';
import { type DicomFile, readDicom } from './part10/read-dicom.ts';
import { readFrame } from './part10/read-frame.ts';
import { readDicomHeader } from './part10/read-header.ts';
import { decodeFrame } from './pixels/decode-frame.ts';
import { encapsulatedFrame } from './pixels/encapsulated-frames.ts';
import { applyModality, modalityTransform } from './pixels/modality.ts';
import { nativeFrameBytes, pixelLayout } from './pixels/pixel-layout.ts';
import type { SampleArray } from './pixels/sample-array.ts';
import { toRgb } from './pixels/to-rgb.ts';

const DATA = process.env.VESALIUS_DATA;
type Row = [shape: number[], dtype: string, hash: string, some?: number[]];

function golden(): Record<string, Row> {
  return JSON.parse(readFileSync(new URL('../../../golden/dicom/pixels.json', import.meta.url), 'utf8')).files;
}

async function allFrames(file: DicomFile): Promise<SampleArray[]> {
  const frames: SampleArray[] = [];
  for (let i = 0; i < pixelLayout(file.dataSet).frames; i++) frames.push((await decodeFrame(file, i)).samples);
  return frames;
}

/** `exact`, `near` where lossy samples differ by at most 2, or what is wrong. */
function compare(frames: SampleArray[], [, dtype, hash, some]: Row): string {
  const bytes = joinBytes(
    frames.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
  if (shortHash(bytes) === hash) return 'exact';
  const samples = frames.flatMap((frame) => Array.from(frame as ArrayLike<number>));
  if (some === undefined) return `other samples than pydicom's ${dtype}`;
  const step = Math.max(1, Math.floor(samples.length / 400));
  const worst = some.reduce((most, value, i) => Math.max(most, Math.abs(value - (samples[i * step] ?? Number.NaN))), 0);
  return worst <= 2 ? 'near' : `lossy samples differ by ${worst}`;
}

test.skipIf(!DATA)('decodes the pixels that pydicom decodes (VESALIUS_DATA)', { timeout: 300_000 }, async () => {
  const files = dicomFiles();
  const counts = { exact: 0, near: 0 };
  const differing: string[] = [];
  for (const [name, row] of Object.entries(golden())) {
    const verdict = await readDicom(files.get(name) ?? new Uint8Array(0))
      .then(allFrames)
      .then((frames) => compare(frames, row))
      .catch(String);
    if (verdict === 'exact' || verdict === 'near') counts[verdict]++;
    else differing.push(`${name}: ${verdict}`);
  }
  expect({ ...counts, differing }).toEqual({ exact: 177, near: 14, differing: [] });
});

test.skipIf(!DATA)(
  'colours and modality values are those of pydicom (VESALIUS_DATA)',
  { timeout: 120_000 },
  async () => {
    const files = dicomFiles();
    const answers = JSON.parse(readFileSync(new URL('../../../golden/dicom/rendered.json', import.meta.url), 'utf8'))
      .files as Record<string, [kind: 'rgb' | 'modality', values: number[]]>;
    const differing: string[] = [];
    for (const [name, [kind, values]] of Object.entries(answers)) {
      const { dataSet, transferSyntax } = await readDicom(files.get(name) ?? new Uint8Array(0));
      const frame = await decodeFrame({ dataSet, transferSyntax });
      const got = kind === 'rgb' ? toRgb(frame, dataSet) : applyModality(frame, modalityTransform(dataSet));
      const step = Math.max(1, Math.floor(got.length / 400));
      // Colours are rounded. Lossy decoders differ by 2 stored values: in blue by 1.772 times that, else by the slope.
      const slope = Math.abs(dataSet.number('RescaleSlope') ?? 1);
      const allowed = (value: number): number => (kind === 'rgb' ? 5 : 2 * slope + 1e-6 * Math.abs(value));
      const worst = values.findIndex(
        (value, i) => !(Math.abs(value - (got[i * step] ?? Number.NaN)) <= allowed(value)),
      );
      if (worst >= 0) differing.push(`${name}: ${kind} ${got[worst * step]} instead of ${values[worst]}`);
    }
    expect(Object.keys(answers).length).toBeGreaterThan(50);
    expect(differing).toEqual([]);
  },
);

test.skipIf(!DATA)(
  'a frame read alone from a file is the stored frame (VESALIUS_DATA)',
  { timeout: 120_000 },
  async () => {
    for (const [name, bytes] of dicomFiles()) {
      if (!golden()[name]) continue;
      const { dataSet, transferSyntax } = await readDicom(bytes);
      const layout = pixelLayout(dataSet);
      const pixels = dataSet.get(layout.element);
      if (transferSyntax.deflated || (layout.bitsAllocated === 1 && layout.frames > 1)) continue;
      const source = new Blob([bytes as Uint8Array<ArrayBuffer>]);
      const header = await readDicomHeader(source);
      const index = layout.frames - 1;
      const got = await readFrame(source, header, index);
      const length = nativeFrameBytes(layout);
      const expected =
        pixels?.kind === 'fragments'
          ? encapsulatedFrame(pixels, dataSet, { frames: layout.frames, index })
          : dataSet.bytes(layout.element)?.subarray(index * length, (index + 1) * length);
      expect(Buffer.compare(got, expected ?? new Uint8Array(0)), name).toBe(0);
    }
  },
);
