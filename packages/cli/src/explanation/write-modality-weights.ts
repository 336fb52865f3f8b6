import { join } from 'node:path';
import { writeFileAtomic } from '@vesalius/bundle/files';
import { writeVolume } from '@vesalius/volume';
import { type Html, html } from '../report/html.ts';
import { overlayPictures } from '../report/overlay-pictures.ts';
import { renderPage } from '../report/render-page.ts';
import type { ModalityWeight, WeighedScan } from './weigh-modalities.ts';

const PIXELS = 260;

/**
 * Writes what each modality had to do with one prediction: `modalities.json`, a page `modalities.html` to look at, and each one's attention on the
 * scan's own grid.
 *
 * @throws DISK_FULL, WRITE_FAILED
 */
export async function writeModalityWeights(
  folder: string,
  {
    name,
    scan,
    weights,
  }: { readonly name: string; readonly scan: WeighedScan; readonly weights: readonly ModalityWeight[] },
): Promise<void> {
  const modalities = weights.map(({ name: modality, there, attention, leaveOneOut }) => ({
    name: modality,
    there,
    attention: { everywhere: rounded(attention.everywhere), inFindings: rounded(attention.inFindings) },
    ...(leaveOneOut && {
      leaveOneOut: {
        all: rounded(leaveOneOut.all),
        classes: Object.fromEntries(Object.entries(leaveOneOut.classes).map(([key, value]) => [key, rounded(value)])),
      },
    }),
    map: `attention-${modality}.nii.gz`,
  }));
  for (const [i, { map }] of modalities.entries())
    await writeFileAtomic(join(folder, map), await writeVolume((weights[i] as ModalityWeight).attentionMap, map));
  const text = JSON.stringify({ format: 'vesalius-modalities/1', scan: name, modalities }, null, 2);
  await writeFileAtomic(join(folder, 'modalities.json'), `${text}\n`);
  await writeFileAtomic(join(folder, 'modalities.html'), await page(name, scan, weights));
}

const rounded = (value: number): number => Math.round(1e4 * value) / 1e4;

async function page(name: string, scan: WeighedScan, weights: readonly ModalityWeight[]): Promise<string> {
  const figures: Html[] = [];
  for (const [i, weight] of weights.entries()) figures.push(await figureOf(weight, scan, i));
  return renderPage({
    title: `Modalities: ${name}`,
    body: html`<h1>What each modality had to do with ${name}</h1>
<p class="muted">Attention says where the model looked; leaving a modality out says what that changed. Neither says which answer is right.</p>
<div class="card wide case"><table><thead><tr><th scope="col">Modality</th><th scope="col"></th><th scope="col">Attention in findings</th><th scope="col">Attention everywhere</th><th scope="col">Changed without it</th></tr></thead>
<tbody>${weights.map(row)}</tbody></table></div>
<h2>Without each modality</h2>
<p class="muted">Line: what is found with all that are there. Tint: what is found without this one.</p>
<div class="pictures">${figures}</div>`,
  });
}

function row({ name, there, attention, leaveOneOut }: ModalityWeight): Html {
  const classes = Object.entries(leaveOneOut?.classes ?? {}).map(([key, value]) => `${key} ${percent(value)}`);
  const changed = leaveOneOut
    ? `${percent(leaveOneOut.all)} (${classes.join(', ') || 'no class found'})`
    : 'cannot be told';
  return html`<tr><td>${name}</td><td>${there ? '' : 'missing'}</td><td>${bar(attention.inFindings)}</td><td>${bar(attention.everywhere)}</td><td>${there ? changed : ''}</td></tr>`;
}

function bar(share: number): Html {
  return html`<svg class="share" viewBox="0 0 100 8" role="img" aria-label="${percent(share)}"><rect width="100" height="8" fill="var(--line)"/><rect width="${100 * share}" height="8" fill="var(--accent)"/></svg> ${percent(share)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

async function figureOf(
  { name, labelsWithout }: ModalityWeight,
  { channels, labels, classes }: WeighedScan,
  i: number,
) {
  const image = channels[i];
  if (!image || !labelsWithout) return html``;
  const classValues = classes.slice(1).map(({ value }) => value);
  const pictures = await overlayPictures({
    image,
    truth: labels,
    prediction: labelsWithout,
    classValues,
    pixels: PIXELS,
  });
  return html`${pictures.slice(0, 1).map(({ width, height, png }) => {
    const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    return html`<figure><div class="scan"><img src="${source}" width="${width}" height="${height}" alt="${name}: found with all as a line, found without it as a tint"></div><figcaption>${name}</figcaption></figure>`;
  })}`;
}
