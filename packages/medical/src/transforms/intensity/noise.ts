import { Random } from '@vesalius/engine';
import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { changeChannels, type IntensityOperation, randIntensity, withData } from './intensity-operation.ts';
import { mean, standardDeviation } from './statistics.ts';

interface Noise {
  readonly mean: number;
  readonly std: number;
  /** Each image's noise is drawn from this and the image's name. */
  readonly seed: number;
}

export const GAUSSIAN_NOISE: IntensityOperation<Noise> = {
  name: 'GaussianNoise',
  run(image, { mean, std, seed }, key) {
    const data = new Random(seed).fork(key).fillNormal(new Float32Array(image.data.length), mean, std);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + (image.data[i] as number);
    return withData(image, data);
  },
};

export interface NoiseOptions extends KeysOption, ProbabilityOption {
  /** Default: 0. */
  readonly mean?: number;
  /** Default: 0.1 for Gaussian noise, 1 for Rician. */
  readonly std?: number;
  /** Draws the standard deviation between 0 and `std`. Default: true. */
  readonly sampleStd?: boolean;
}

/** Adds normal noise. */
export function randGaussianNoise(options: NoiseOptions = {}): Transform {
  const { mean = 0, std = 0.1, sampleStd = true } = options;
  return randIntensity('RandGaussianNoise', options, {
    operation: GAUSSIAN_NOISE,
    draw: (random) => ({ mean, std: sampleStd ? random.uniform(0, std) : std, seed: random.uint32() }),
  });
}

interface RicianNoise extends Noise {
  readonly channelWise?: boolean;
  readonly relative?: boolean;
}

export const RICIAN_NOISE: IntensityOperation<RicianNoise> = {
  name: 'RicianNoise',
  run(image, { mean: center, std, seed, channelWise, relative }, key) {
    const random = new Random(seed).fork(key);
    return changeChannels(image, channelWise, (data) => {
      const deviation = relative ? std * standardDeviation(data, mean(data), 1) : std;
      const real = random.fillNormal(new Float32Array(data.length), center, deviation);
      const imaginary = random.fillNormal(new Float32Array(data.length), center, deviation);
      addRician(data, real, imaginary);
    });
  },
};

/** The magnitude that a scanner reconstructs when real and imaginary part carry noise. */
export function addRician(data: Float32Array, real: Float32Array, imaginary: Float32Array): void {
  for (let i = 0; i < data.length; i++) {
    const re = (data[i] as number) + (real[i] as number);
    const im = imaginary[i] as number;
    data[i] = Math.sqrt(re * re + im * im);
  }
}

export interface RandRicianNoiseOptions extends NoiseOptions {
  /** Draws and measures for each channel by itself. Default: false. */
  readonly channelWise?: boolean;
  /** `std` in units of the image's standard deviation. Default: false. */
  readonly relative?: boolean;
}

/** Adds the noise of MR magnitude images. */
export function randRicianNoise(options: RandRicianNoiseOptions = {}): Transform {
  const { mean = 0, std = 1, sampleStd = true, channelWise = false, relative = false } = options;
  return randIntensity('RandRicianNoise', options, {
    operation: RICIAN_NOISE,
    draw: (random) => {
      const drawn = sampleStd ? random.uniform(0, std) : std;
      return { mean, std: drawn, seed: random.uint32(), channelWise, relative };
    },
  });
}
