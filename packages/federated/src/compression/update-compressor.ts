import { VesaliusError } from '@vesalius/errors';
import { type LayerShape, type LayerValues, type Layout, valuesIn, zerosOf } from '../layer-values.ts';
import { decodeLayer, type EncodedLayer, encodeLayer, type LayerCode } from './layer-code.ts';
import { type CompressionPlan, planCodes } from './plan-codes.ts';

export interface CompressorOptions {
  readonly layout: Layout;
  readonly plan: CompressionPlan;
  /** Of earlier changes, added to each new one before the largest are chosen; 0 without. */
  readonly momentum?: number;
  /** Whether what was not sent is added to what comes next. Off where each update is private and noise is added after this. */
  readonly errorFeedback?: boolean;
}

/**
 * Makes one sender's updates small, round after round: what a round leaves out is kept and comes with a later one. Sender and receiver agree on
 * layout and plan; an update names neither.
 *
 * @source Lin et al. 2018, Deep gradient compression (momentum correction and factor masking); Karimireddy et al. 2019, error feedback
 */
export class UpdateCompressor {
  readonly #options: CompressorOptions;
  readonly #codes: ReadonlyMap<string, LayerCode>;
  readonly #left: Map<string, Float32Array>;
  readonly #velocity: Map<string, Float32Array>;
  readonly #rights = new Map<string, Float32Array>();

  constructor(options: CompressorOptions) {
    this.#options = options;
    this.#codes = planCodes(options.layout, options.plan);
    this.#left = zerosOf(options.layout);
    this.#velocity = zerosOf(options.layout);
  }

  /** What it keeps from round to round, by name: with `restore` another one goes on as this one would. */
  memory(): Map<string, Float32Array> {
    return new Map(
      Object.entries(this.#kept()).flatMap(([part, kept]) => [...kept].map(([k, v]) => [`${part} ${k}`, v])),
    );
  }

  restore(memory: LayerValues): void {
    for (const [part, kept] of Object.entries(this.#kept()))
      for (const { name } of this.#options.layout) {
        const values = memory.get(`${part} ${name}`);
        if (values) kept.set(name, values.slice());
      }
  }

  #kept(): Readonly<Record<string, Map<string, Float32Array>>> {
    return { left: this.#left, velocity: this.#velocity, right: this.#rights };
  }

  /**
   * @param seed - another one each round, known at both ends
   * @throws DATA_MISMATCH for values that are not of the layout
   */
  compress(update: LayerValues, seed: string): Uint8Array<ArrayBuffer> {
    const encoded = this.#options.layout.map((layer) => this.#encode(layer, valuesOf(update, layer), seed).bytes);
    const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 4 + length, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const part of encoded) {
      view.setUint32(at, part.length, true);
      bytes.set(part, at + 4);
      at += 4 + part.length;
    }
    return bytes;
  }

  #encode(layer: LayerShape, change: Float32Array, seed: string): EncodedLayer {
    const code = this.#codes.get(layer.name) as LayerCode;
    const { momentum, errorFeedback } = this.#memoryOf(code);
    const velocity = this.#velocity.get(layer.name) as Float32Array;
    const left = this.#left.get(layer.name) as Float32Array;
    for (const [i, value] of change.entries()) {
      velocity[i] = momentum * (velocity[i] as number) + value;
      left[i] = (errorFeedback ? (left[i] as number) : 0) + (velocity[i] as number);
    }
    const encoding = { layer, code, seed: `${seed} ${layer.name}` };
    const encoded = encodeLayer(left, { ...encoding, right: this.#rights.get(layer.name) });
    if (encoded.right) this.#rights.set(layer.name, encoded.right);
    const received = decodeLayer(encoded.bytes, encoding);
    for (const [i, value] of received.entries()) left[i] = (left[i] as number) - value;
    // What has just gone needs no push from before.
    for (const place of encoded.places ?? []) velocity[place] = 0;
    return encoded;
  }

  /** What is only rounded, and right in the mean, needs no second try: fed back, coarse rounding would grow. */
  #memoryOf({ kind }: LayerCode): { readonly momentum: number; readonly errorFeedback: boolean } {
    const { momentum = 0, errorFeedback = true } = this.#options;
    const leavesOut = kind === 'largest' || kind === 'random';
    return { momentum: leavesOut ? momentum : 0, errorFeedback: errorFeedback && (leavesOut || kind === 'low-rank') };
  }
}

/**
 * The change that `compress` was given, as the receiver sees it.
 *
 * @throws PEER_PROTOCOL for bytes that are no update of the layout
 */
export function decompressUpdate(
  given: Uint8Array,
  { layout, plan }: Pick<CompressorOptions, 'layout' | 'plan'>,
  seed: string,
): Map<string, Float32Array> {
  // Node's Buffers share their memory where arrays copy it.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const codes = planCodes(layout, plan);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const layers = layout.map((layer) => {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (at + 4 + length > bytes.length) throw corrupt(bytes.length, 'more bytes');
    const part = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    const code = codes.get(layer.name) as LayerCode;
    return [layer.name, decodeLayer(part, { layer, code, seed: `${seed} ${layer.name}` })] as const;
  });
  if (at !== bytes.length) throw corrupt(bytes.length, `${at} bytes`);
  return new Map(layers);
}

function valuesOf(update: LayerValues, layer: LayerShape): Float32Array {
  const values = update.get(layer.name);
  if (values?.length === valuesIn(layer)) return values;
  throw new VesaliusError('DATA_MISMATCH', {
    what: layer.name,
    got: values?.length,
    expected: `${valuesIn(layer)} values`,
  });
}

const corrupt = (got: number, expected: string): VesaliusError =>
  new VesaliusError('PEER_PROTOCOL', { what: 'update of a model', got, expected });
