import { Random, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { Triple } from '@vesalius/volume';
import type { LabelMap } from '../post-processing/label-map.ts';
import { type BatchSource, createBatchSource, type TrainingBatch } from '../training/training-batches.ts';
import type { SegmentationSetup } from '../training/training-setup.ts';
import type { Sample } from '../transforms/sample.ts';
import { type ClassClick, guidanceChannels, writeGuidance } from './guidance.ts';
import { simulateClicks } from './simulate-clicks.ts';

/** Steps that a patch stays in the batch: first without a previous map, then corrected. */
const ROUNDS = 3;
/** Share of first rounds that see the image alone. */
const AUTOMATIC_SHARE = 0.75;
/** Share of later rounds whose previous map is withheld, as by clients that send clicks only. */
const FORGOTTEN_SHARE = 0.2;
const MOST_NEW_CLICKS = 3;

interface Slot {
  readonly patch: number;
  readonly image: Float32Array;
  readonly label: Float32Array;
  /** Class numbers of the last answer. */
  previous: Float32Array | undefined;
  clicks: readonly ClassClick[];
}

/**
 * Batches that teach a network to follow clicks. Each patch stays for three steps: what the network answers in one step, the next
 * step corrects by clicks in its largest errors, so that simulating costs no pass of its own. The places of a batch are at different
 * rounds, and a quarter of all steps trains the automatic mode.
 *
 * @source Diaz-Pinto et al. 2023, DeepEdit
 */
export function createClickBatches(cases: readonly Sample[], setup: SegmentationSetup, seed: number): BatchSource {
  return new ClickBatches(cases, setup, seed);
}

class ClickBatches implements BatchSource {
  readonly #setup: SegmentationSetup;
  readonly #patches: BatchSource;
  readonly #random: Random;
  readonly #slots: (Slot | undefined)[];

  constructor(cases: readonly Sample[], setup: SegmentationSetup, seed: number) {
    this.#setup = setup;
    this.#patches = createBatchSource(cases, { ...setup, batchSize: 1 }, seed);
    this.#random = new Random(seed).fork('clicks');
    this.#slots = Array.from({ length: setup.batchSize }, () => undefined);
  }

  batch(step: number): TrainingBatch {
    const guided = this.#slots.map((_, place) => this.#advance(place, step));
    return {
      image: joined(guided.map(({ image }) => image)),
      label: joined(guided.map(({ label }) => label)),
      guidance: joined(guided.map(({ guidance }) => guidance)),
    };
  }

  answered(probabilities: Float32Array): void {
    const { classes } = this.#setup;
    for (const [place, slot] of this.#slots.entries()) {
      if (!slot) continue;
      const each = slot.label.length * classes;
      slot.previous = winners(probabilities.subarray(place * each, (place + 1) * each), classes);
    }
  }

  /** What the next step needs of the steps before. */
  save(): Map<string, TensorValue> {
    return new Map(
      this.#slots.flatMap((slot, place) => {
        if (!slot?.previous) return [];
        const rows = slot.clicks.flatMap(({ voxel, classNumber }) => [...voxel, classNumber]);
        return [
          [`clicks.${place}.previous`, tensor([slot.patch, ...slot.previous])],
          [`clicks.${place}.clicks`, tensor([0, 0, 0, 0, ...rows])],
        ] as const;
      }),
    );
  }

  restore(states: ReadonlyMap<string, TensorValue>): void {
    for (const place of this.#slots.keys()) {
      const [patch, ...previous] = states.get(`clicks.${place}.previous`)?.data ?? [];
      const rows = [...(states.get(`clicks.${place}.clicks`)?.data ?? [])].slice(4).map(Number);
      if (patch === undefined) continue;
      const clicks = Array.from({ length: rows.length / 4 }, (_, i) => {
        const [x = 0, y = 0, z = 0, classNumber = 0] = rows.slice(4 * i, 4 * i + 4);
        return { voxel: [x, y, z] as const, classNumber };
      });
      const kept = this.#open(Number(patch));
      this.#slots[place] = { ...kept, previous: Float32Array.from(previous, Number), clicks };
    }
  }

  #open(patch: number): Slot {
    const { image, label } = this.#patches.batch(patch);
    return { patch, image, label, previous: undefined, clicks: [] };
  }

  #advance(place: number, step: number): TrainingBatch & { readonly guidance: Float32Array } {
    const { batchSize, classes, patchSize, interaction } = this.#setup;
    const at = step - 1 + Math.floor((place * ROUNDS) / batchSize);
    const patch = Math.floor(at / ROUNDS) * batchSize + place + 1;
    const held = this.#slots[place];
    const slot = held?.patch === patch ? held : this.#open(patch);
    this.#slots[place] = slot;
    if (!interaction)
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'interaction', got: 'none', expected: 'clicks' });
    const [nz, ny, nx] = patchSize;
    const size: Triple = [nx, ny, nz];
    const guidance = new Float32Array(guidanceChannels(classes) * slot.label.length);
    const told = this.#click(slot, { size, random: this.#random.fork(step).fork(place) });
    writeGuidance(guidance, told, { ...interaction, size, classes });
    return { image: slot.image, label: slot.label, guidance };
  }

  #click(slot: Slot, { size, random }: { size: Triple; random: Random }): Pick<Slot, 'clicks' | 'previous'> {
    const { interaction } = this.#setup;
    const truth: LabelMap = {
      voxels: Uint8Array.from(slot.label),
      size,
      spacingMm: interaction?.spacingMm ?? [1, 1, 1],
    };
    const first = slot.previous === undefined;
    if (first && random.uniform() < AUTOMATIC_SHARE) return { clicks: [], previous: undefined };
    const answer = slot.previous ?? new Float32Array(slot.label.length);
    slot.clicks = [...slot.clicks, ...simulateClicks(answer, truth, 1 + random.integer(MOST_NEW_CLICKS))];
    return { clicks: slot.clicks, previous: random.uniform() < FORGOTTEN_SHARE ? undefined : slot.previous };
  }
}

function winners(probabilities: Float32Array, classes: number): Float32Array {
  const voxels = probabilities.length / classes;
  const labels = new Float32Array(voxels);
  for (let i = 0; i < voxels; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if ((probabilities[k * voxels + i] as number) > (probabilities[best * voxels + i] as number)) best = k;
    labels[i] = best;
  }
  return labels;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const tensor = (values: readonly number[]): TensorValue => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});
