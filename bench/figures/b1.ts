import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSet, decodeFrame, pixelLayout, readDicom, writeDicom } from '@vesalius/dicom';
import { dicomLines } from '../../golden/dicom-lines.ts';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { type PydicomAnswer, pydicomAnswers } from '../peers/pydicom-answers.ts';
import { openResults } from '../results-store.ts';
import { storedDifferently } from './b1-archive.ts';
import { dataFolder } from './data-folder.ts';

/** Of `pixels`: pydicom decodes none; every sample equal; lossy and all within 2; neither. */
const NONE = 0;
const EXACT = 1;
const CLOSE = 2;
const OTHER = 3;
/** PS3.5 7.1.1: values are of even length; what a file cut short left of one may not be. Written as read it is the same. */
const PADDED = 'its last value is cut off at an odd length and padded when it is written anew';
const MOST_LOSSY_DIFFERENCE = 2;

/** Every file read beside pydicom in the same run, written, read again, and kept in the archive. */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-b1-'));
  const figure = { files: 0, elements: 0, differentElements: 0, differentValues: 0, arrays: 0, exact: 0, close: 0 };
  const rewritten = { notIdenticalRewritten: 0, notBitForBit: 0 };
  const results = quick
    ? undefined
    : openResults({
        name: 'b1',
        columns: [
          'elements',
          'differentElements',
          'differentValues',
          'pixels',
          'notIdenticalRewritten',
          'notBitForBit',
        ],
        sources: ['packages/dicom/src/**', 'packages/server/src/store/**', 'bench/figures/b1*.ts'],
        data: [join(dataFolder(), 'dicom_files.zip')],
      });
  const reasons: string[] = ['file,reason'];
  try {
    const bytesOf = new Map<string, Uint8Array>();
    const rows = new Map<string, Record<string, number>>();
    for (const answer of pydicomAnswers(folder)) {
      if (quick && rows.size >= 40) break;
      const { row, why } = await compareFile(answer);
      bytesOf.set(answer.name, answer.bytes);
      rows.set(answer.name, row);
      reasons.push(...why.map((reason) => `${answer.name},${reason}`));
      for (const reason of why) log(`${answer.name}: ${reason}`);
    }
    const kept = await storedDifferently(bytesOf);
    for (const [name, row] of rows) {
      const reason = kept.get(name);
      if (reason !== undefined) reasons.push(`${name},${reason}`);
      if (reason !== undefined) log(`${name}: ${reason}`);
      row['notBitForBit'] = reason === 'other bytes' ? 1 : 0;
      if (results && !results.has(name)) results.append(name, row as Record<string, number>);
      figure.files++;
      figure.elements += row['elements'] ?? 0;
      figure.differentElements += row['differentElements'] ?? 0;
      figure.differentValues += row['differentValues'] ?? 0;
      figure.arrays += row['pixels'] === NONE ? 0 : 1;
      figure.exact += row['pixels'] === EXACT ? 1 : 0;
      figure.close += row['pixels'] === CLOSE ? 1 : 0;
      rewritten.notIdenticalRewritten += row['notIdenticalRewritten'] ?? 0;
      rewritten.notBitForBit += row['notBitForBit'];
    }
    const notStored = [...kept.values()].filter((reason) => reason !== 'other bytes').length;
    if (!quick) writeFileSync(join(ROOT, 'bench/results/b1-reasons.csv'), `${reasons.join('\n')}\n`);
    return {
      figure: { ...figure, ...rewritten, notStored, exactOrClosePixels: figure.exact + figure.close },
      peer: {},
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Comparison {
  readonly row: Record<string, number>;
  readonly why: readonly string[];
}

async function compareFile(answer: PydicomAnswer): Promise<Comparison> {
  const file = await readDicom(answer.bytes, { file: answer.name });
  const refused = new Set(answer.elements.filter((line) => line.includes(' ? ')).map(pathOf));
  const kept = (line: string): boolean => !refused.has(pathOf(line));
  const lines = (form: 'stored' | 'values'): string[] =>
    [...dicomLines(file.meta, form), ...dicomLines(file.dataSet, form)].filter(kept);
  const elements = lines('stored');
  const differentElements = differences(elements, answer.elements.filter(kept));
  const differentValues = differences(lines('values'), answer.values.filter(kept));
  const pixels = await comparePixels(answer);
  const notIdentical = await rewrittenOtherwise(answer.bytes);
  const why = [
    ...(refused.size > 0 ? [`${refused.size} elements that pydicom refuses are not compared`] : []),
    ...(differentElements > 0 ? [`${differentElements} elements differ`] : []),
    ...(differentValues > 0 ? [`${differentValues} values differ in decoding, none in its stored bytes`] : []),
    ...(pixels.why === undefined ? [] : [`pixels: ${pixels.why}`]),
    ...(answer.notDecoded === undefined ? [] : [`pixels: pydicom does not decode them (${answer.notDecoded})`]),
    ...(notIdentical === undefined ? [] : [notIdentical]),
  ];
  const row = {
    elements: elements.length,
    differentElements,
    differentValues,
    pixels: pixels.verdict,
    notIdenticalRewritten: notIdentical === undefined || notIdentical === PADDED ? 0 : 1,
  };
  return { row, why };
}

function pathOf(line: string): string {
  return line.slice(0, line.indexOf(' '));
}

/** Lines of one side that the other lacks, those of the side that has more of them. */
function differences(ours: readonly string[], theirs: readonly string[]): number {
  const [a, b] = [new Set(ours), new Set(theirs)];
  return Math.max(a.difference(b).size, b.difference(a).size, Math.abs(ours.length - theirs.length));
}

async function comparePixels({ bytes, pixels }: PydicomAnswer): Promise<{ verdict: number; why?: string }> {
  if (pixels === undefined) return { verdict: NONE };
  try {
    const file = await readDicom(bytes);
    const hash = createHash('sha256');
    const frames: ArrayLike<number>[] = [];
    for (let i = 0; i < pixelLayout(file.dataSet).frames; i++) {
      const { samples } = await decodeFrame(file, i);
      hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      frames.push(samples);
    }
    if (hash.digest('hex') === createHash('sha256').update(pixels.bytes).digest('hex')) return { verdict: EXACT };
    const worst = worstDifference(frames, pixels);
    if (pixels.lossy && worst <= MOST_LOSSY_DIFFERENCE) return { verdict: CLOSE };
    return { verdict: OTHER, why: `${pixels.lossy ? 'lossy ' : ''}samples differ by ${worst}` };
  } catch (error) {
    return { verdict: OTHER, why: String(error).replaceAll(/[,\n]/g, ' ') };
  }
}

/** Over all samples; infinite where there are more or fewer of them. */
function worstDifference(
  frames: readonly ArrayLike<number>[],
  { type, bytes }: { type: string; bytes: Uint8Array },
): number {
  const Type = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array }[type];
  if (Type === undefined) return Number.POSITIVE_INFINITY;
  const theirs = new Type(bytes.slice().buffer);
  if (frames.reduce((sum, { length }) => sum + length, 0) !== theirs.length) return Number.POSITIVE_INFINITY;
  let at = 0;
  let worst = 0;
  for (const frame of frames) {
    for (let i = 0; i < frame.length; i++)
      worst = Math.max(worst, Math.abs((frame[i] as number) - (theirs[at++] as number)));
  }
  return worst;
}

/** Written as read: the same bytes. Written from its elements and read again: the same elements, group lengths aside (PS3.5 7.2). */
async function rewrittenOtherwise(bytes: Uint8Array): Promise<string | undefined> {
  const { origin: _, ...file } = await readDicom(bytes);
  if (Buffer.compare(await writeDicom(await readDicom(bytes)), bytes) !== 0) return 'other bytes when written as read';
  const lines = (dataSet: DataSet): string =>
    dicomLines(dataSet, 'stored')
      .filter((line) => !/^(.*\.)?[\dA-F]{4}0000 /.test(line))
      .join('\n');
  const again = await readDicom(await writeDicom(file));
  if (lines(again.dataSet) === lines(file.dataSet)) return undefined;
  const cutOff = file.warnings.some(({ what }) => what.includes('longer than what holds it'));
  return cutOff ? PADDED : 'other elements when written from its elements';
}
