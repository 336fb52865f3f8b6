import { VesaliusError } from '@vesalius/errors';
import type { InferenceSession, Tensor as OrtTensor } from '#onnxruntime';
import type { Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import type { OnnxValue } from '../onnx/format/onnx-model.ts';
import { writeOnnx } from '../onnx/format/write-onnx.ts';
import { type ToOnnxOptions, toOnnx } from '../onnx/to-onnx.ts';
import { updatesInPlace } from '../onnx/updates-in-place.ts';
import { withOpenAxis } from '../onnx/with-open-axis.ts';
import { defaultBackend, fillsGivenOutputs, type RuntimeOptions, targetOf } from './backend.ts';
import { load, runOrt } from './session.ts';
import { assertValue, emptyValue, fromOrt, type TensorValue, toOrt } from './tensor-value.ts';

/** A value the graph keeps from run to run: a parameter, an optimizer's moment, a running mean. */
export interface StateVariable {
  /** The graph's input that holds the value before a run. */
  readonly current: Tensor;
  /** The value after a run; left out, the value stays. */
  readonly next?: Tensor;
  /** Allows the next value to be written over this one where that is safe: what was read holds until the next run only. */
  readonly overwritten?: boolean;
}

/** A graph ready to be compiled. */
export interface Program {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** By the name of the input. */
  readonly states: Readonly<Record<string, StateVariable>>;
}

export interface CompileOptions extends RuntimeOptions, Pick<ToOnnxOptions, 'arrange' | 'target'> {
  /**
   * On the backend `cpu`: each value's memory is free for every other one as soon as it was read for the last time, where the
   * runtime would keep much of it for one later value of the same shape. Sums may differ in their last digit.
   */
  readonly freesEarly?: boolean;
}

export interface Executable {
  /**
   * Runs once: feeds are every input that is not a state. States move on to their next values.
   *
   * @throws SHAPE_MISMATCH, DTYPE_MISMATCH, INVALID_ARGUMENT when the feeds are not those declared
   */
  run(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>>;
  /** The value now; its memory is reused two runs later, so copy what must last. */
  readState(name: string): TensorValue;
  writeState(name: string, value: TensorValue): void;
  readonly stateNames: readonly string[];
  readonly onnx: Uint8Array;
  close(): Promise<void>;
}

const NEXT = 'next:';

/** Emits the program as one ONNX graph and loads it. All states start at zero. */
export async function compile(program: Program, options: CompileOptions = {}): Promise<Executable> {
  const backend = options.backend ?? defaultBackend();
  const moving = Object.entries(program.states).flatMap(([name, { next }]) =>
    next ? [[NEXT + name, next] as const] : [],
  );
  const outputs = { ...program.outputs, ...Object.fromEntries(moving) };
  const model = toOnnx(outputs, { target: await targetOf(backend), ...options });
  const mayOverwrite = updatesInPlace(model.graph);
  const overwritten = Object.entries(program.states).flatMap(([name, state]) =>
    state.overwritten && mayOverwrite(name, NEXT + name) ? [name] : [],
  );
  const isFed = ({ name }: OnnxValue): boolean => !(name in program.states);
  const onnx = writeOnnx(options.freesEarly && backend === 'cpu' ? withOpenAxis(model, isFed) : model);
  const session = await load(onnx, backend, options);
  const used = new Set(session.inputNames);
  const feeds = topologicalOrder(Object.values(outputs))
    .filter(({ op, attributes }) => op === 'input' && !(String(attributes['name']) in program.states))
    .map(({ attributes, outputs: [tensor] }) => [attributes['name'] as string, tensor as Tensor] as const);
  return new LoadedProgram(program, { session, onnx, feeds: new Map(feeds), used, overwritten: new Set(overwritten) });
}

interface Loaded {
  readonly session: InferenceSession;
  readonly onnx: Uint8Array;
  readonly feeds: ReadonlyMap<string, Tensor>;
  /** Inputs that the runtime still asks for. */
  readonly used: ReadonlySet<string>;
  /** States that are written where they are read. */
  readonly overwritten: ReadonlySet<string>;
}

/** Two buffers a moving state: one is read while the other is written, then they change places. An overwritten state has one. */
interface Buffers {
  now: OrtTensor;
  /** Absent for a state that stays, and where the runtime hands out new memory with every run. */
  other: OrtTensor | null;
}

class LoadedProgram implements Executable {
  readonly onnx: Uint8Array;
  readonly stateNames: readonly string[];
  readonly #loaded: Loaded;
  readonly #program: Program;
  readonly #buffers: Map<string, Buffers>;
  #running = false;

  constructor(program: Program, loaded: Loaded) {
    this.#program = program;
    this.#loaded = loaded;
    this.onnx = loaded.onnx;
    this.stateNames = Object.keys(program.states);
    const entries = Object.entries(program.states).map(([name, { current, next }]): [string, Buffers] => {
      const now = toOrt(emptyValue(current));
      if (!next || !fillsGivenOutputs) return [name, { now, other: null }];
      return [name, { now, other: loaded.overwritten.has(name) ? now : toOrt(emptyValue(current)) }];
    });
    this.#buffers = new Map(entries);
  }

  async run(feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> {
    if (this.#running)
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'run', got: 'a second call', expected: 'one at a time' });
    this.#running = true;
    try {
      const results = await runOrt(this.#loaded.session, this.#ortFeeds(feeds), this.#ortFetches());
      for (const [name, buffers] of this.#buffers) {
        const next = results[NEXT + name];
        if (!next) continue;
        if (buffers.other) freeCopy(next, buffers.other);
        [buffers.now, buffers.other] = [buffers.other ?? next, buffers.other && buffers.now];
      }
      const named = Object.keys(this.#program.outputs).map(
        (name) => [name, fromOrt(results[name] as OrtTensor)] as const,
      );
      return Object.fromEntries(named);
    } finally {
      this.#running = false;
    }
  }

  readState(name: string): TensorValue {
    return fromOrt(this.#buffer(name).now);
  }

  writeState(name: string, value: TensorValue): void {
    const { now } = this.#buffer(name);
    const held = fromOrt(now);
    assertValue(`state ${name}`, value, held);
    (held.data as Float32Array).set(value.data as Float32Array);
  }

  close(): Promise<void> {
    return this.#loaded.session.release();
  }

  #buffer(name: string): Buffers {
    const buffers = this.#buffers.get(name);
    if (!buffers)
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'state', got: name, expected: 'one of the program' });
    return buffers;
  }

  #ortFeeds(values: Readonly<Record<string, TensorValue>>): Record<string, OrtTensor> {
    const feeds: Record<string, OrtTensor> = {};
    for (const [name, tensor] of this.#loaded.feeds) {
      const value = values[name];
      if (!value)
        throw new VesaliusError('INVALID_ARGUMENT', { what: 'feed', got: 'nothing', expected: `a value for ${name}` });
      assertValue(`feed ${name}`, value, tensor);
      if (this.#loaded.used.has(name)) feeds[name] = toOrt(value);
    }
    for (const [name, { now }] of this.#buffers) if (this.#loaded.used.has(name)) feeds[name] = now;
    return feeds;
  }

  #ortFetches(): Record<string, OrtTensor | null> {
    const fetches: Record<string, OrtTensor | null> = {};
    for (const name of Object.keys(this.#program.outputs)) fetches[name] = null;
    for (const [name, { other }] of this.#buffers) {
      if (this.#program.states[name]?.next) fetches[NEXT + name] = other;
    }
    return fetches;
  }
}

/**
 * onnxruntime-node fills the tensor it was given and hands out a copy besides: as much memory again as all parameters and moments, held
 * until the next collection.
 */
function freeCopy(copy: OrtTensor, given: OrtTensor): void {
  const { buffer } = copy.data as Float32Array<ArrayBuffer>;
  if (buffer !== (given.data as Float32Array).buffer) buffer.transfer(0);
}
