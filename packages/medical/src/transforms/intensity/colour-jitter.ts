import { VesaliusError } from '@vesalius/errors';
import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { type IntensityOperation, randIntensity, withData } from './intensity-operation.ts';
import { extent } from './statistics.ts';

interface Colours {
  /** Of red, green and blue each. */
  readonly gamma: readonly number[];
  readonly gain: readonly number[];
  readonly offset: readonly number[];
  /** Row by row, 3 x 3: what each new colour takes of the old ones. */
  readonly mix: readonly number[];
}

export const COLOUR_JITTER: IntensityOperation<Colours> = {
  name: 'ColourJitter',
  run(image, { gamma, gain, offset, mix }) {
    if (image.shape[0] !== 3)
      throw new VesaliusError('DATA_MISMATCH', {
        what: 'channels of a colour picture',
        got: image.shape[0],
        expected: 3,
      });
    const count = image.data.length / 3;
    const curved = gamma.map((power, c) => {
      const curve = responseCurve(image.data.subarray(c * count, (c + 1) * count), power);
      return { curve, gain: gain[c] as number, offset: offset[c] as number };
    });
    const data = new Float32Array(image.data.length);
    for (const [from, { curve, gain: times, offset: plus }] of curved.entries()) {
      for (let i = 0; i < count; i++) {
        const value = curve(image.data[from * count + i] as number) * times + plus;
        for (let to = 0; to < 3; to++)
          data[to * count + i] = (data[to * count + i] as number) + (mix[3 * to + from] as number) * value;
      }
    }
    return withData(image, data);
  },
};

export interface RandColourJitterOptions extends KeysOption, ProbabilityOption {
  /** Largest relative change of one colour's strength. Default: 0.3. */
  readonly gain?: number;
  /** Largest shift of one colour, in the unit of the image. Default: 0.3. */
  readonly offset?: number;
  /** Of one colour's response, at most this or its reciprocal. Default: 1.5. */
  readonly gamma?: number;
  /** Largest turn of all colours about grey, in radians. Default: 0.25. */
  readonly hue?: number;
  /** Largest relative change of the distance from grey. Default: 0.4. */
  readonly saturation?: number;
}

/**
 * Colours as another camera in another light would give them: every colour by a response, strength and shift of its own, then all turned
 * about grey and moved towards it or away. For images of red, green and blue, normalized or not.
 *
 * @throws DATA_MISMATCH when applied to other than three channels
 */
export function randColourJitter(options: RandColourJitterOptions = {}): Transform {
  const { gain = 0.3, offset = 0.3, gamma = 1.5, hue = 0.25, saturation = 0.4 } = options;
  return randIntensity('RandColourJitter', options, {
    operation: COLOUR_JITTER,
    draw: (random) => {
      const each = (draw: () => number): number[] => [draw(), draw(), draw()];
      return {
        gamma: each(() => Math.exp(random.uniform(-1, 1) * Math.log(gamma))),
        gain: each(() => 1 + random.uniform(-gain, gain)),
        offset: each(() => random.uniform(-offset, offset)),
        mix: colourMix(random.uniform(-hue, hue), 1 + random.uniform(-saturation, saturation)),
      };
    },
  });
}

/** A turn about the grey axis, then a scaling of what is across it; grey stays as it is. */
function colourMix(radians: number, saturation: number): number[] {
  const along = Math.cos(radians) * saturation;
  const across = (Math.sin(radians) * saturation) / Math.sqrt(3);
  const grey = (1 - along) / 3;
  return [0, 1, 2].flatMap((to) =>
    [0, 1, 2].map((from) => grey + (to === from ? along : (from - to + 3) % 3 === 1 ? -across : across)),
  );
}

const CURVE_STEPS = 256;

/** The power of values brought to 0 to 1, and back; by a table, as powers take most of the time. */
function responseCurve(data: Float32Array, power: number): (value: number) => number {
  const { min, max } = extent(data);
  const range = max - min;
  if (!(range > 0)) return (value) => value;
  const table = Float32Array.from({ length: CURVE_STEPS + 2 }, (_, i) => (i / CURVE_STEPS) ** power * range + min);
  return (value) => {
    const at = ((value - min) / range) * CURVE_STEPS;
    const below = Math.floor(at);
    const low = table[below] as number;
    return low + (at - below) * ((table[below + 1] as number) - low);
  };
}
