import { ops as $, compile, gradients, Random, scalarValue, type Tensor } from '@vesalius/engine';
import { articleContrastiveLoss, ntXent, unitRows } from '@vesalius/methods';

const IMAGES = 6;
const STEPS = 400;
const RATE = 0.05;
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9'];

/** Angles of the two views of each image: first views, then second ones. */
type Views = Float32Array;

/** What both losses make of two views of six images on a circle, and the mean angle between two views in degrees before and after. */
export async function drawLosses(): Promise<{ svg: string; figures: Record<string, number> }> {
  const random = new Random('losses');
  const begun = Float32Array.from(
    { length: 2 * IMAGES },
    (_, i) => 2.4 * Math.floor(i % IMAGES) + random.uniform(-0.35, 0.35),
  );
  const listing = await optimised(begun, (x) => articleContrastiveLoss(x, { temperature: 0.5 }));
  const corrected = await optimised(begun, (x) => {
    const [first, second] = $.split(x, [IMAGES, IMAGES], 0) as [Tensor, Tensor];
    return ntXent(first, second, { temperature: 0.5 });
  });
  const panels = [
    ['Before: two views (disc, ring) of six images', begun],
    ['The listing: all are driven apart, the two views as well', listing],
    ['NT-Xent: the two views of an image come together', corrected],
  ] as const;
  return {
    svg: svgOf(panels),
    figures: { angleBefore: apart(begun), angleListing: apart(listing), angleCorrected: apart(corrected) },
  };
}

async function optimised(begun: Views, loss: (x: Tensor) => Tensor): Promise<Views> {
  const angles = $.input('angles', [2 * IMAGES, 1]);
  const value = loss(unitRows($.concat([$.cos(angles), $.sin(angles)], 1)));
  const next = $.sub(angles, $.mul(gradients(value, [angles])[0] as Tensor, $.input('rate', [])));
  const program = await compile({ outputs: { value }, states: { angles: { current: angles, next } } }, { threads: 1 });
  program.writeState('angles', { shape: [2 * IMAGES, 1], dtype: 'float32', data: begun.slice() });
  for (let step = 0; step < STEPS; step++) await program.run({ rate: scalarValue(RATE * IMAGES) });
  const after = (program.readState('angles').data as Float32Array).slice();
  await program.close();
  return after;
}

function apart(views: Views): number {
  const each = Array.from({ length: IMAGES }, (_, i) => {
    const turn = Math.abs((views[i] as number) - (views[IMAGES + i] as number)) % (2 * Math.PI);
    return Math.min(turn, 2 * Math.PI - turn);
  });
  return (each.reduce((sum, turn) => sum + turn, 0) / IMAGES / Math.PI) * 180;
}

function svgOf(panels: readonly (readonly [string, Views])[]): string {
  const drawn = panels.map(([title, views], p) => {
    const [cx, cy] = [170 + 340 * p, 190];
    const at = (turn: number): string =>
      `${(cx + 120 * Math.cos(turn)).toFixed(1)} ${(cy - 120 * Math.sin(turn)).toFixed(1)}`;
    const images = Array.from({ length: IMAGES }, (_, i) => {
      const [a, b] = [views[i] as number, views[IMAGES + i] as number];
      const [first = '', second = ''] = [at(a), at(b)];
      const [x = '', y = ''] = first.split(' ');
      const [u = '', v = ''] = second.split(' ');
      const colour = COLOURS[i] as string;
      return `<path d="M${first} L${second}" stroke="${colour}" stroke-dasharray="3 3"/><circle cx="${x}" cy="${y}" r="8" fill="${colour}"/><circle cx="${u}" cy="${v}" r="8" fill="#fff" fill-opacity="0.6" stroke="${colour}" stroke-width="3"/>`;
    });
    return `<text x="${cx}" y="30" text-anchor="middle">${title}</text><circle cx="${cx}" cy="${cy}" r="120" fill="none" stroke="#999"/>${images.join('')}<text x="${cx}" y="350" text-anchor="middle">${apart(views).toFixed(0)}° between two views</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1020 370" font-family="sans-serif" font-size="12"><rect width="1020" height="370" fill="#fff"/>${drawn.join('\n')}</svg>\n`;
}
