import { describe } from 'vitest';
import { type BuildOperation, goldenOperationTests } from '../../../../golden/operations/golden-operation-tests.ts';
import type { Tensor } from '../graph/tensor.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm, linear } from './layers.ts';

const x = (inputs: Record<string, Tensor>): Tensor => inputs['x'] as Tensor;
const affine = (inputs: Record<string, Tensor>): boolean => 'weight' in inputs;

const LAYERS: Record<string, BuildOperation> = {
  'instance-norm': ({ scope, inputs }) => instanceNorm(scope, x(inputs), { affine: affine(inputs) }),
  'group-norm': ({ scope, inputs, arguments: { groups } }) => groupNorm(scope, x(inputs), groups as number),
  'layer-norm': ({ scope, inputs }) => layerNorm(scope, x(inputs)),
  'batch-norm': ({ scope, inputs }) => batchNorm(scope, x(inputs)),
  linear: ({ scope, inputs }) => linear(scope, x(inputs), { outFeatures: inputs['weight']?.shape[0] as number }),
};

describe.each(Object.entries(LAYERS))('%s', (file, build) => goldenOperationTests(file, build));
