import { describe, expect, test } from 'vitest';
import { goldenNoise, goldenWeight } from '../../../../golden/golden-weights.ts';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { createNetworkBuilder, type Scope } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { compile } from '../runtime/compile.ts';
import { scalarValue } from '../runtime/tensor-value.ts';
import { adam, adamW } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';
import { trainingProgram } from './training-program.ts';

const FILES: Record<string, (options: object) => Optimizer> = {
  sgd,
  adam,
  'adam-w': adamW,
  'clip-gradient-norm': sgd,
  'moving-average': sgd,
};

type Shapes = Readonly<Record<string, Shape>>;

/** c (p - t)^2 + sin(p), summed over all parameters. */
function lossOf(scope: Scope, shapes: Shapes): Tensor {
  const terms = Object.entries(shapes).map(([name, shape]) => {
    const p = scope.parameter(name, shape, () => goldenWeight(name, shape));
    const scale = $.constant(
      goldenNoise(`scale.${name}`, shape).map((c) => 1 + c * c),
      shape,
    );
    const distance = $.sub(p, $.constant(goldenNoise(`target.${name}`, shape), shape));
    return $.reshape($.sum($.add($.mul(scale, $.square(distance)), $.sin(p))), []);
  });
  return terms.reduce((a, b) => $.add(a, b));
}

interface Trajectory {
  readonly loss: number[];
  readonly gradientNorm: number[];
  readonly parameters: number[];
}

async function train({ options, expected }: GoldenCase, optimizer: Optimizer): Promise<Trajectory> {
  const shapes = options['shapes'] as Shapes;
  const limits = options['program'] as { clipNorm?: number; emaDecay?: number };
  const { scope, variables } = createNetworkBuilder({ training: true });
  const loss = lossOf(scope, shapes);
  const program = await compile(trainingProgram({ loss, variables: variables(), optimizer, ...limits }), {
    threads: 1,
  });
  const prefixes = limits.emaDecay === undefined ? [''] : ['', 'ema.'];
  for (const [name, shape] of Object.entries(shapes)) {
    for (const prefix of prefixes)
      program.writeState(prefix + name, { shape, dtype: 'float32', data: goldenWeight(name, shape) });
  }
  const result: Trajectory = { loss: [], gradientNorm: [], parameters: [] };
  for (let step = 0; step < (expected['loss']?.shape[0] as number); step++) {
    const rate = (options['learningRate'] as number) / (1 + step / 10);
    const values = await program.run({ learning_rate: scalarValue(rate), step: scalarValue(step + 1) });
    result.loss.push(Number(values['loss']?.data[0]));
    result.gradientNorm.push(Number(values['gradient_norm']?.data[0]));
    for (const name of Object.keys(shapes))
      result.parameters.push(...(program.readState(prefixes.at(-1) + name).data as Float32Array));
  }
  await program.close();
  return result;
}

describe.each(Object.entries(FILES))('%s', (file, optimizer) => {
  const { cases, parity, tolerance } = readGolden(`optimizers/${file}`);
  test.each(cases)(`ten steps equal those of ${parity}: $name`, async (golden) => {
    const got = await train(golden, optimizer(golden.options['optimizer'] as object));
    for (const [name, expected] of Object.entries(golden.expected)) {
      expect(relativeError(got[name as keyof Trajectory], goldenValues(expected)), name).toBeLessThan(tolerance);
    }
  });
});
