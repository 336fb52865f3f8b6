import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dicomFiles } from '../../../golden/dicom-files.ts';
import { shortHash } from '../../../golden/dicom-lines.ts';
import { joinBytes } from './part10/deflate.ts';
import { type DicomFile, readDicom } from './part10/read-dicom.ts';
import { decodeFrame } from './pixels/decode-frame.ts';
import { pixelLayout } from './pixels/pixel-layout.ts';
import type { SampleArray } from './pixels/sample-array.ts';

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
