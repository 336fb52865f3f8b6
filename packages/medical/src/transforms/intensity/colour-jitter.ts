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
    const [red, green, blue] = gamma.map((power, c) => {
      const colour = image.data.slice(c * count, (c + 1) * count);
      respond(colour, { power, gain: gain[c] as number, offset: offset[c] as number });
      return colour;
    }) as [Float32Array, Float32Array, Float32Array];
    const data = new Float32Array(image.data.length);
    for (let to = 0; to < 3; to++) {
      const [ofRed, ofGreen, ofBlue] = mix.slice(3 * to, 3 * to + 3) as [number, number, number];
      const mixed = data.subarray(to * count, (to + 1) * count);
      for (let i = 0; i < count; i++)
        mixed[i] = ofRed * (red[i] as number) + ofGreen * (green[i] as number) + ofBlue * (blue[i] as number);
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

/** The power of values brought to 0 to 1, and back, then strength and shift. By a table: powers would take most of the time. */
function respond(
  data: Float32Array,
  { power, gain, offset }: { readonly power: number; readonly gain: number; readonly offset: number },
): void {
  const { min, max } = extent(data);
  const range = max - min;
  const scale = range > 0 ? CURVE_STEPS / range : 0;
  const table = Float32Array.from(
    { length: CURVE_STEPS + 2 },
    (_, i) => ((i / CURVE_STEPS) ** power * range + min) * gain + offset,
  );
  for (let i = 0; i < data.length; i++) {
    const at = ((data[i] as number) - min) * scale;
    const below = Math.floor(at);
    const low = table[below] as number;
    data[i] = low + (at - below) * ((table[below + 1] as number) - low);
  }
}
