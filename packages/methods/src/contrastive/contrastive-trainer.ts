import {
  ops as $,
  adamW,
  compile,
  createNetworkBuilder,
  type Executable,
  initialValues,
  isMatrix,
  linear,
  type Program,
  type RuntimeOptions,
  type Scope,
  scalarValue,
  type Tensor,
  type TensorValue,
  trainingProgram,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { byolLoss, dinoLoss, mocoLoss, ntXent } from './contrastive-losses.ts';
import { type FilmEncoderOptions, type FilmFeatures, filmEncoder, projector } from './film-encoder.ts';
import type { ViewBatch } from './film-views.ts';
import { placeLoss } from './place-loss.ts';

/**
 * How an encoder is taught without labels.
 *
 * - `simclr`, `moco` (version 3), `byol`, `dino`: two views of a film are to be alike
 * - `anatomy`: as `moco`, and the same anatomical place is to be alike in two views and in two patients
 */
export type ContrastiveMethod = (typeof CONTRASTIVE_METHODS)[number];

export const CONTRASTIVE_METHODS = ['simclr', 'moco', 'byol', 'dino', 'anatomy'] as const;

export interface ContrastiveSetup {
  readonly method: ContrastiveMethod;
  readonly batchSize: number;
  /** Width and height of a view, a multiple of 8. */
  readonly size: number;
  readonly encoder?: FilmEncoderOptions;
  /** Of `simclr`, 0.2 by default. */
  readonly temperature?: number;
  /** Number of places a batch brings, 48 by default. */
  readonly placeCount?: number;
}

export interface ContrastiveStep {
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  /** What a teacher keeps of itself, 0.99 by default. */
  readonly teacherDecay?: number;
}

/** Teaches an encoder without labels. */
export interface ContrastiveTrainer {
  /** @returns the loss; @throws NOT_FINITE */
  step(batch: ViewBatch, step: ContrastiveStep): Promise<number>;
  /** Of the encoder, below `encoder.`, and of what projects places where it was taught by them. */
  weights(): Map<string, Float32Array>;
  /** Everything that a later step depends on. */
  states(): Map<string, TensorValue>;
  /** @throws CHECKPOINT_MISMATCH */
  restore(states: ReadonlyMap<string, TensorValue>): void;
  /** One step as a graph. */
  readonly onnx: Uint8Array;
  close(): Promise<void>;
}

const PROTOTYPES = 128;
const CENTRE_DECAY = 0.9;
const PLACE_WEIGHT = 1;
const WEIGHT_DECAY = 1e-4;

export async function createContrastiveTrainer(
  setup: ContrastiveSetup,
  { seed, ...options }: RuntimeOptions & { readonly seed: number },
): Promise<ContrastiveTrainer> {
  const { program, first } = contrastiveProgram(setup, seed);
  const executable = await compile(program, options);
  for (const [name, value] of first) executable.writeState(name, value);
  return new Trainer(setup, executable);
}

function contrastiveProgram(
  setup: ContrastiveSetup,
  seed: number,
): { program: Program; first: Map<string, TensorValue> } {
  const { batchSize, size, method } = setup;
  const student = createNetworkBuilder({ training: true });
  const teacher = createNetworkBuilder({ training: true });
  const views = ['first', 'second'].map((name) => $.input(name, [batchSize, 1, size, size]));
  const { loss, centre } = lossOf(setup, student.scope, teacher.scope.child('teacher'), $.concat(views, 0));
  const program = trainingProgram({
    loss,
    variables: student.variables(),
    optimizer: adamW({ weightDecay: WEIGHT_DECAY }),
    decays: isMatrix,
    clipNorm: 1,
  });
  const first = initialValues(student.variables(), seed);
  const decay = $.input('teacher_decay', []);
  const kept: Record<string, Program['states'][string]> = {};
  for (const { name, tensor } of teacher.variables()) {
    const own = name.replace(/^teacher\./, '');
    const next = program.states[own]?.next;
    if (!next) throw new VesaliusError('INVALID_ARGUMENT', { what: `teacher of ${method}`, got: own });
    kept[name] = { current: tensor, next: $.add($.mul(tensor, decay), $.mul(next, $.sub(1, decay))) };
    first.set(name, first.get(own) as TensorValue);
  }
  return { program: { ...program, states: { ...program.states, ...kept, ...centre } }, first };
}

interface Loss {
  readonly loss: Tensor;
  readonly centre?: Program['states'];
}

function lossOf(setup: ContrastiveSetup, student: Scope, teacher: Scope, both: Tensor): Loss {
  const { method, encoder, temperature = 0.2 } = setup;
  const seen = (scope: Scope): FilmFeatures => filmEncoder(scope.child('encoder'), both, encoder);
  const own = seen(student);
  const projected = (scope: Scope, { pooled }: FilmFeatures): Tensor => projector(scope.child('projector'), pooled);
  if (method === 'simclr') return { loss: ntXent(...halves(projected(student, own)), { temperature }) };
  const taught = seen(teacher);
  if (method === 'dino') return dino(projected(student, own), projected(teacher, taught), student, teacher);
  const wanted = halves($.stopGradient(projected(teacher, taught)));
  const guessed = halves(projector(student.child('predictor'), projected(student, own)));
  const one = method === 'byol' ? byolLoss : mocoLoss;
  const whole = $.mul($.add(one(guessed[0], wanted[1]), one(guessed[1], wanted[0])), 0.5);
  if (method !== 'anatomy') return { loss: whole };
  const local = placeLoss(setup, { student, teacher }, { own: own.places, taught: taught.places });
  return { loss: $.add(whole, $.mul(local, PLACE_WEIGHT)) };
}

function dino(own: Tensor, taught: Tensor, student: Scope, teacher: Scope): Loss {
  const logits = (scope: Scope, x: Tensor): Tensor => linear(scope.child('prototypes'), x, { outFeatures: PROTOTYPES });
  const guessed = halves(logits(student, own));
  const all = $.stopGradient(logits(teacher, taught));
  const wanted = halves(all);
  const centre = $.input('centre', [1, PROTOTYPES]);
  const next = $.add($.mul(centre, CENTRE_DECAY), $.mul($.mean(all, [0]), 1 - CENTRE_DECAY));
  const loss = $.mul($.add(dinoLoss(guessed[0], wanted[1], centre), dinoLoss(guessed[1], wanted[0], centre)), 0.5);
  return { loss, centre: { centre: { current: centre, next } } };
}

/** Of the first views and of the second. */
function halves(both: Tensor): [Tensor, Tensor] {
  const batch = (both.shape[0] as number) / 2;
  return $.split(both, [batch, batch], 0) as [Tensor, Tensor];
}

class Trainer implements ContrastiveTrainer {
  readonly #setup: ContrastiveSetup;
  readonly #executable: Executable;

  constructor(setup: ContrastiveSetup, executable: Executable) {
    this.#setup = setup;
    this.#executable = executable;
  }

  get onnx(): Uint8Array {
    return this.#executable.onnx;
  }

  async step(batch: ViewBatch, { step, learningRate, teacherDecay = 0.99 }: ContrastiveStep): Promise<number> {
    const outputs = await this.#executable.run({
      ...feedsOf(batch, this.#setup),
      learning_rate: scalarValue(learningRate),
      step: scalarValue(step),
      ...(this.#setup.method !== 'simclr' && { teacher_decay: scalarValue(teacherDecay) }),
    });
    const loss = Number(outputs['loss']?.data[0]);
    if (Number.isFinite(loss)) return loss;
    const expected = 'a number; try a lower learning rate';
    throw new VesaliusError('NOT_FINITE', { what: `loss of step ${step}`, got: loss, expected });
  }

  weights(): Map<string, Float32Array> {
    const held = [...this.states()].filter(([name]) => /^(encoder|places)\./.test(name));
    return new Map(held.map(([name, { data }]) => [name, data as Float32Array]));
  }

  states(): Map<string, TensorValue> {
    return new Map(
      this.#executable.stateNames.map((name) => {
        const value = this.#executable.readState(name);
        return [name, { ...value, data: (value.data as Float32Array).slice() }];
      }),
    );
  }

  restore(states: ReadonlyMap<string, TensorValue>): void {
    for (const name of this.#executable.stateNames) {
      const { data } = this.#executable.readState(name);
      const value = states.get(name);
      if (value?.data.length !== data.length)
        throw new VesaliusError('CHECKPOINT_MISMATCH', { what: name, got: value?.data.length, expected: data.length });
      this.#executable.writeState(name, value);
    }
  }

  close(): Promise<void> {
    return this.#executable.close();
  }
}

function feedsOf({ first, second, places }: ViewBatch, setup: ContrastiveSetup): Record<string, TensorValue> {
  const { batchSize, size, placeCount = 48, method } = setup;
  const float = (data: Float32Array, shape: readonly number[]): TensorValue => ({ shape, dtype: 'float32', data });
  const image = [batchSize, 1, size, size];
  const views = { first: float(first, image), second: float(second, image) };
  if (method !== 'anatomy') return views;
  if (!places) throw new VesaliusError('INVALID_ARGUMENT', { what: 'batch', got: 'no places', expected: 'placements' });
  const cells = (of: readonly number[]): TensorValue => {
    return { shape: [placeCount], dtype: 'int64', data: BigInt64Array.from(of, BigInt) };
  };
  return {
    ...views,
    'places.first': cells(places.first),
    'places.second': cells(places.second),
    'places.apart': float(places.apart, [placeCount, placeCount]),
    'places.alike': float(places.alike, [batchSize, placeCount]),
  };
}
