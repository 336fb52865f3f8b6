import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@vesalius/engine';
import { type LabelledImages, shareOut } from '@vesalius/medical';
import { type ImageSet, readImages } from '../../packages/cli/src/federation/read-images.ts';
import { writeNodules } from './hospitals.ts';
import { readRawNodules } from './nodules.ts';

export const F1_SITES = ['east', 'north', 'port', 'south', 'west'];
const ALPHA = 0.5;
/** Deviations of a site's own logarithm of gamma and of contrast, and of its brightness in grey levels. */
const GAMMA = 0.35;
const CONTRAST = 0.2;
const BRIGHTNESS = 20;
const WHITE = 255;

/** Files of one hospital, and what a program that reads them sees. */
export interface HospitalData {
  readonly name: string;
  readonly file: string;
  readonly training: ImageSet;
  /** The validation patches as this hospital's scanner would show them. */
  readonly validationFile: string;
  readonly validation: ImageSet;
}

/**
 * Five hospitals that are unlike: each class by shares of a Dirichlet distribution, and a grey scale of each hospital's own (gamma, contrast,
 * brightness), cut to 8 bits, so that bringing all to mean 0 and deviation 1 does not undo it.
 */
export async function writeHospitals(folder: string, seed: number): Promise<HospitalData[]> {
  mkdirSync(folder, { recursive: true });
  const [training, validation] = [await readRawNodules('train'), await readRawNodules('val')];
  const shares = shareOut(training, { sites: F1_SITES.length, alpha: ALPHA, shift: 0, seed });
  const hospitals: HospitalData[] = [];
  for (const [n, name] of F1_SITES.entries()) {
    const shown = greyScale(new Random(seed).fork('grey scale').fork(n));
    const share = shares[n] ?? training;
    const file = writeNodules(join(folder, `${name}-${seed}.safetensors`), shown(share));
    const validationFile = writeNodules(join(folder, `${name}-${seed}-validation.safetensors`), shown(validation));
    const read = { training: await readImages(file), validation: await readImages(validationFile) };
    hospitals.push({ name, file, validationFile, ...read });
  }
  return hospitals;
}

function greyScale(random: Random): (patches: LabelledImages) => LabelledImages {
  const [gamma, contrast] = [Math.exp(random.normal(0, GAMMA)), Math.exp(random.normal(0, CONTRAST))];
  const brightness = random.normal(0, BRIGHTNESS);
  const shown = Array.from({ length: WHITE + 1 }, (_, grey) => {
    const value = WHITE * (grey / WHITE) ** gamma * contrast + brightness;
    return Math.min(WHITE, Math.max(0, Math.round(value)));
  });
  return ({ images, labels }) => ({ images: images.map((grey) => shown[grey] as number), labels });
}
