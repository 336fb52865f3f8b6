import { checkpoint } from '../autodiff/checkpoint.ts';
import { elementCount, range } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { convolutionLayer, instanceNorm } from '../nn/layers.ts';
import { createNetworkBuilder, type Scope } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { sgd } from '../optimizers/sgd.ts';
import { initialValues, type TrainingProgramOptions, trainingProgram } from '../optimizers/training-program.ts';
import { compile } from '../runtime/compile.ts';
import { scalarValue } from '../runtime/tensor-value.ts';

export interface TrainingMemory {
  /** What the process's peak grows by in the first step. */
  readonly bytes: number;
  /** Of the fastest step after the first. */
  readonly cpuMs: number;
  readonly losses: readonly number[];
}

interface Usage {
  resourceUsage(): { maxRSS: number; userCPUTime: number; systemCPUTime: number };
}

const SHAPE = [4, 16, 128, 128];
const STEPS = 5;

function block(scope: Scope, x: Tensor): Tensor {
  return range(4).reduce((h, i) => {
    const y = convolutionLayer(scope.child(`${i}.conv`), h, { outChannels: 16, kernelSize: 3, padding: 1 });
    return $.leakyRelu(instanceNorm(scope.child(`${i}.norm`), y, { affine: true }));
  }, x);
}

/** Trains 16 convolutions for a few steps and measures: to be called once in a process of its own. */
export async function measureTraining(kind: 'plain' | 'checkpointed' | 'mixed'): Promise<TrainingMemory> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', SHAPE);
  const y = range(4).reduce((h, i) => {
    const build = (input: Tensor): Tensor => block(scope.child(i), input);
    return kind === 'checkpointed' ? checkpoint(build, [h]) : build(h);
  }, x);
  const precision: TrainingProgramOptions['precision'] = kind === 'mixed' ? 'mixed' : 'float32';
  const loss = $.mean($.square(y));
  const program = await compile(trainingProgram({ loss, variables: variables(), optimizer: sgd(), precision }), {
    threads: 1,
  });
  for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
  const data = Float32Array.from({ length: elementCount(SHAPE) }, (_, i) => Math.sin(i * 0.37));
  const feeds = {
    x: { shape: SHAPE, dtype: 'float32', data } as const,
    learning_rate: scalarValue(0.01),
    step: scalarValue(1),
  };
  const usage = (): ReturnType<Usage['resourceUsage']> =>
    (globalThis as unknown as { process: Usage }).process.resourceUsage();
  const before = usage().maxRSS;
  const losses = [Number((await program.run(feeds))['loss']?.data[0])];
  const bytes = (usage().maxRSS - before) * 1024;
  const spent: number[] = [];
  while (losses.length < STEPS) {
    const start = usage();
    losses.push(Number((await program.run(feeds))['loss']?.data[0]));
    const end = usage();
    spent.push(end.userCPUTime - start.userCPUTime + end.systemCPUTime - start.systemCPUTime);
  }
  return { bytes, cpuMs: Math.min(...spent) / 1000, losses };
}
