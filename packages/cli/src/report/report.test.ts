import { inflateSync } from 'node:zlib';
import { createVolume, reorient, type Volume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { axisScale } from './charts/axis-scale.ts';
import { quartiles } from './charts/quartiles.ts';
import { html } from './html.ts';
import { overlayPictures } from './overlay-pictures.ts';
import { pickCases } from './pick-cases.ts';
import { renderReport } from './render-report.ts';
import type { ReportPicture, TrainingReport } from './training-report.ts';

const scored = (id: string, meanDice: number) => ({ id, meanDice, dice: { lesion: meanDice } });

const report: TrainingReport = {
  title: 'A <b>bold</b> title & more',
  summary: 'It was trained.',
  facts: [{ name: 'Seed', value: '0' }],
  classNames: ['lesion'],
  history: [
    { step: 1, seconds: 1, loss: 1.5 },
    { step: 2, seconds: 2, loss: 0.5, dice: 0.7 },
  ],
  metrics: [{ name: 'dice', estimate: 0.75, low: 0.5, high: 0.9, confidence: 0.95, cases: 2 }],
  cases: [scored('a', 0.7), scored('b', 0.8)],
  shown: [
    {
      caption: 'Best case',
      scores: scored('b', 0.8),
      pictures: [{ plane: 'axial', width: 1, height: 1, png: Uint8Array.of(1) }],
    },
  ],
  warnings: [],
};

test('shows figures with their intervals, every case with its name, and needs nothing from outside', () => {
  const page = renderReport(report);
  expect(page).toContain('<strong>0.750</strong>');
  expect(page).toContain('95 % interval 0.500 to 0.900');
  expect(page).toContain('<title>a: 0.700</title>');
  expect(page).toContain('<title>step 2, after 2 s: Dice 0.7000</title>');
  expect(page).not.toMatch(/<script|https?:\/\/|undefined|NaN|\[object/);
});

test('gives every picture and chart words for those who cannot see it', () => {
  const page = renderReport(report);
  expect(page.match(/<img [^>]*alt="[^"]{20,}"/g)).toHaveLength(1);
  expect(page.match(/<svg [^>]*role="img" aria-label="[^"]{20,}"/g)).toHaveLength(3);
});

test('escapes names', () => {
  expect(renderReport(report)).toContain('<h1>A &#60;b&#62;bold&#60;/b&#62; title &#38; more</h1>');
  expect(html`<i>${'"\'<'}</i>`.text).toBe('<i>&#34;&#39;&#60;</i>');
});

test('says so when nothing was measured', () => {
  const page = renderReport({ ...report, history: [], metrics: [], cases: [], shown: [] });
  expect(page).toContain('Nothing was measured.');
  expect(page).not.toMatch(/undefined|NaN|Infinity/);
});

test('shows the best, the median and the worst case, each once', () => {
  const captions = (count: number) =>
    pickCases(Array.from({ length: count }, (_, i) => scored(`c${i}`, i / 10))).map(
      ({ caption, scores }) => `${caption} ${scores.id}`,
    );
  expect(captions(5)).toEqual(['Best case c4', 'Median case c2', 'Worst case c0']);
  expect(captions(1)).toEqual(['Best case c0']);
  expect(captions(0)).toEqual([]);
  expect(pickCases([scored('x', Number.NaN)])).toEqual([]);
});

test('axes end at round numbers around the values', () => {
  expect(axisScale({ low: 0.13, high: 0.97, from: 0, to: 100, ticks: 5 }).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  const scale = axisScale({ low: 3, high: 3, from: 100, to: 0, ticks: 5 });
  expect(scale.place(scale.ticks[0] as number)).toBe(100);
  expect(scale.place(scale.ticks.at(-1) as number)).toBe(0);
});

test('quartiles lie between values in proportion', () => {
  expect(quartiles([4, 1, 3, 2])).toEqual([1.75, 2.5, 3.25]);
  expect(quartiles([7])).toEqual([7, 7, 7]);
});

/** A 10 x 10 x 10 volume with a cube from 3 to 6. */
function cube(value: number): Volume<Uint8Array> {
  const inside = (i: number) =>
    [i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100)].every((at) => at >= 3 && at <= 6);
  return createVolume({
    voxels: Uint8Array.from({ length: 1000 }, (_, i) => (inside(i) ? value : 0)),
    size: [10, 10, 10],
  });
}

test('draws three planes of a volume and one of a single slice', async () => {
  const volumes = { image: cube(200), truth: cube(1), prediction: cube(1) };
  const pictures = await overlayPictures({ ...volumes, classValues: [1], pixels: 40 });
  expect(pictures.map(({ plane, width, height }) => [plane, width, height])).toEqual([
    ['axial', 40, 40],
    ['coronal', 40, 40],
    ['sagittal', 40, 40],
  ]);
  const flat = createVolume({ voxels: new Uint8Array(100), size: [10, 10, 1] });
  const one = await overlayPictures({ image: flat, truth: flat, prediction: flat, classValues: [1] });
  expect(one.map(({ plane }) => plane)).toEqual(['axial']);
});

/** Whether the picture is coloured at a place, 0 to 1 from left and from top. PNG rows hold differences from the row above. */
function colouredAt({ png, width }: ReportPicture, right: number, down: number): boolean {
  const start = png.findIndex((_, i) => Buffer.from(png.subarray(i, i + 4)).toString() === 'IDAT') + 4;
  const rows = inflateSync(png.subarray(start));
  const [x, last] = [Math.floor(right * width), Math.floor(down * width)];
  const channel = (c: number): number => {
    let value = 0;
    for (let y = 0; y <= last; y++) value += rows[y * (3 * width + 1) + 1 + 3 * x + c] as number;
    return value % 256;
  };
  return new Set([channel(0), channel(1), channel(2)]).size > 1;
}

test.each(['LPS', 'RAS', 'SAR'])(
  'shows a scan stored as %s with patient left on the right, front and top up',
  async (codes) => {
    const voxels = new Uint8Array(1000);
    // Left (large x), anterior (small y), superior (large z) in LPS.
    voxels[8 + 10 * 1 + 100 * 8] = 1;
    const label = reorient(createVolume({ voxels, size: [10, 10, 10] }), codes);
    const [axial, coronal, sagittal] = await overlayPictures({
      image: label,
      truth: label,
      prediction: label,
      classValues: [1],
      pixels: 40,
    });
    const places = [
      [0.85, 0.15],
      [0.15, 0.15],
      [0.85, 0.85],
      [0.15, 0.85],
    ] as const;
    const coloured = (picture?: ReportPicture) =>
      places.map(([right, down]) => picture && colouredAt(picture, right, down));
    expect(coloured(axial)).toEqual([true, false, false, false]);
    expect(coloured(coronal)).toEqual([true, false, false, false]);
    expect(coloured(sagittal)).toEqual([false, true, false, false]);
  },
);
