// Our side of a measured training step, a process that bench/figures/a1.ts asks: its requests are the handlers below.
import { writeFileSync } from 'node:fs';
import {
  compile,
  type Executable,
  initialValues,
  LEARNING_RATE,
  type Program,
  STEP,
  scalarValue,
  type TensorValue,
  type Variable,
  writeSafetensors,
} from '@vesalius/engine';
import { measuredBatch } from './measured-data.ts';
import { measureTimes, serveLines } from './serve-lines.ts';
import { type CaseName, TRAINING_CASES, type TrainingCase, trainingStep } from './training-cases.ts';

const SEED = 0;

interface Training {
  readonly measured: TrainingCase;
  readonly batch: Record<'input' | 'target', TensorValue>;
  readonly variables: readonly Variable[];
  readonly program: Program;
  readonly threads: number;
  readonly executable: Executable;
  step: number;
}

let training: Training | undefined;

await serveLines({
  /** Builds and compiles; the time of both, and the number of trained parameters. */
  build: async ({ name, threads }: { name: CaseName; threads: number }) => {
    const measured = TRAINING_CASES[name];
    const start = performance.now();
    const { program, variables } = trainingStep(measured);
    // The gradient's norm is not part of the peer's step.
    const { loss } = program.outputs;
    const executable = await compile({ outputs: { loss: loss as never }, states: program.states }, { threads });
    const compileSeconds = (performance.now() - start) / 1000;
    training = { measured, batch: measuredBatch(measured), variables, program, threads, executable, step: 0 };
    writeWeights(executable);
    const trained = variables.filter(({ trainable }) => trainable).map(({ tensor }) => tensor.shape);
    const parameters = trained.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
    return { compileSeconds, parameters };
  },

  /** Writes the batch and the first weights for the other side. */
  share: async ({ path }: { path: string }) => {
    const { variables, batch } = started();
    const tensors = new Map([
      ...initialValues(variables, SEED),
      ['batch.input', batch.input],
      ['batch.target', batch.target],
    ]);
    writeFileSync(path, writeSafetensors(tensors as Parameters<typeof writeSafetensors>[0]));
    return {};
  },

  /** Loss and norm of the gradient at the first weights. */
  check: async () => {
    const { program, threads } = started();
    const executable = await compile(program, { threads });
    writeWeights(executable);
    const result = await executable.run(feeds(1));
    await executable.close();
    return { loss: Number(result['loss']?.data[0]), gradientNorm: Number(result['gradient_norm']?.data[0]) };
  },

  /** Milliseconds a step. */
  steps: async ({ count }: { count: number }) => {
    const now = started();
    const times = await measureTimes(async () => {
      for (let i = 0; i < count; i++) await now.executable.run(feeds(++now.step));
    });
    return { cpuMs: times.cpuMs / count, wallMs: times.wallMs / count };
  },
});

function started(): Training {
  return training as Training;
}

function writeWeights(executable: Executable): void {
  for (const [name, value] of initialValues(started().variables, SEED)) executable.writeState(name, value);
}

function feeds(step: number): Record<string, TensorValue> {
  const { batch, measured } = started();
  return { ...batch, [LEARNING_RATE]: scalarValue(measured.learningRate), [STEP]: scalarValue(step) };
}
