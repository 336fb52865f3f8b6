import type { AddressInfo } from 'node:net';
import { createElement, DataSet } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { fileOf, multipart } from './dicomweb-client.ts';
import { authorization, ohifFolder, serveOhif } from './ohif-app.ts';
import type { RunClient, ServedArchive } from './outside-client.ts';

const STUDY = '1.2.826.0.1.3680043.8.498.4242';
const SIZE = 64;
const SLICES = 5;
const SHOWN_MS = 90_000;
/** An empty viewport has a few, the ramp of the phantom dozens. */
const ENOUGH_LEVELS = 20;

type Target = Pick<ServedArchive, 'url' | 'token'>;

/** OHIF's work list and viewer in Chromium, on a small CT of ours: is it listed, are its slices on the screen? */
export const run: RunClient = async (target) => {
  await storeVolume(target);
  const app = await serveOhif(await ohifFolder(), target);
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    const origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    await page.goto(origin);
    const listed = await appears(page, 'Phantom');
    await page.goto(`${origin}/viewer?StudyInstanceUIDs=${STUDY}`);
    const levels = await greyLevels(page);
    return [
      { name: 'the study is listed', ok: listed },
      { name: 'its slices are shown', ok: levels > ENOUGH_LEVELS, detail: `${levels} grey levels` },
    ];
  } finally {
    await browser.close();
    app.close();
    app.closeAllConnections();
  }
};

async function appears(page: Page, text: string): Promise<boolean> {
  return page
    .getByText(text)
    .first()
    .waitFor({ timeout: SHOWN_MS })
    .then(
      () => true,
      () => false,
    );
}

/** The picture in the viewport, as soon as it is one; at the end of the time whatever is there. */
async function greyLevels(page: Page): Promise<number> {
  const canvas = page.locator('.cornerstone-canvas').first();
  const until = Date.now() + SHOWN_MS;
  let levels = 0;
  while (levels <= ENOUGH_LEVELS && Date.now() < until) {
    await page.waitForTimeout(1000);
    const picture = await canvas.screenshot({ timeout: 5000 }).catch(() => undefined);
    if (picture !== undefined) levels = await levelsOf(picture);
  }
  return levels;
}

async function levelsOf(picture: Buffer): Promise<number> {
  const pixels = await sharp(picture).greyscale().toColourspace('b-w').raw().toBuffer();
  // What is drawn over a picture, such as text, has few levels of its own.
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > pixels.length / 2000).length;
}

/** A ramp with a bright ball in it. */
async function storeVolume({ url, token }: Target): Promise<void> {
  const files = await Promise.all(Array.from({ length: SLICES }, (_, slice) => fileOf(sliceOf(slice))));
  const { headers: contentType, ...request } = multipart(files);
  const answer = await fetch(`${url}/dicom-web/studies`, {
    ...request,
    headers: { ...authorization(token), ...contentType },
  });
  if (!answer.ok) throw new VesaliusError('PEER_REFUSED', { what: 'STOW of the study for OHIF', got: answer.status });
}

function sliceOf(slice: number): DataSet {
  const pixels = Int16Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
    return Math.hypot(x - 32, y - 32, 8 * (slice - 2)) < 20 ? 300 : -160 + 5 * x;
  });
  return new DataSet([
    createElement('ImageType', ['ORIGINAL', 'PRIMARY', 'AXIAL']),
    createElement('SOPClassUID', '1.2.840.10008.5.1.4.1.1.2'),
    createElement('SOPInstanceUID', `${STUDY}.1.${slice + 1}`),
    createElement('StudyDate', '20240501'),
    createElement('StudyTime', '101010'),
    createElement('AccessionNumber', 'OHIF'),
    createElement('Modality', 'CT'),
    createElement('StudyDescription', 'Ball'),
    createElement('SeriesDescription', 'Ball'),
    createElement('PatientName', 'Phantom^Ball'),
    createElement('PatientID', 'OHIF'),
    createElement('StudyInstanceUID', STUDY),
    createElement('SeriesInstanceUID', `${STUDY}.1`),
    createElement('StudyID', '1'),
    createElement('SeriesNumber', 1),
    createElement('InstanceNumber', slice + 1),
    createElement('FrameOfReferenceUID', `${STUDY}.2`),
    createElement('ImagePositionPatient', [0, 0, 4 * slice]),
    createElement('ImageOrientationPatient', [1, 0, 0, 0, 1, 0]),
    createElement('PixelSpacing', [1, 1]),
    createElement('SliceThickness', 4),
    createElement('SamplesPerPixel', 1),
    createElement('PhotometricInterpretation', 'MONOCHROME2'),
    createElement('Rows', SIZE),
    createElement('Columns', SIZE),
    createElement('BitsAllocated', 16),
    createElement('BitsStored', 16),
    createElement('HighBit', 15),
    createElement('PixelRepresentation', 1),
    createElement('WindowCenter', 40),
    createElement('WindowWidth', 400),
    createElement('RescaleIntercept', 0),
    createElement('RescaleSlope', 1),
    createElement('PixelData', pixels),
  ]);
}
