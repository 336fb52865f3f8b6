import { ops as $, createNetworkBuilder, type Scope, type Tensor } from '@vesalius/engine';
import { checkGradients } from '@vesalius/engine/testing/check-gradients';
import { expect, test } from 'vitest';
import { appearanceCode, appearanceDivergence } from './codes.ts';
import { groupContrast } from './contrast.ts';
import { gatedFusion } from './gated-fusion.ts';
import { modalityClassifier, modalitySurprise } from './modality-classifier.ts';
import { reconstruct } from './reconstruction.ts';

type Part = (scope: Scope, x: Tensor) => Tensor;

const halves = (x: Tensor): Tensor[] => [$.sliceAxis(x, 1, 0, 2), $.sliceAxis(x, 1, 2, 4)];

const PARTS: Record<string, { readonly of: Part; readonly shape: readonly number[] }> = {
  'appearance and its divergence': {
    shape: [2, 1, 8, 8],
    of: (scope, x) => {
      const code = appearanceCode(scope, x, 3);
      return $.concat([$.reshape(code.mean, [-1]), $.reshape(appearanceDivergence(code), [1])], 0);
    },
  },
  'gated fusion': {
    shape: [1, 4, 3, 3],
    of: (scope, x) => gatedFusion(scope, halves(x), $.constant([1, 1], [1, 2])).features,
  },
  reconstruction: {
    shape: [1, 4, 4, 4],
    of: (scope, x) => {
      const appearance = $.reshape($.mean(x, [2, 3], false), [1, 4]);
      return reconstruct(scope, [x, $.averagePool(x, 2)], { appearance, finest: 0 });
    },
  },
  classifier: {
    shape: [4, 3, 4, 4],
    of: (scope, x) => modalitySurprise(modalityClassifier(scope, [x], { classes: 2, width: 3 })),
  },
  contrast: { shape: [4, 5], of: (_, x) => groupContrast(x, [0, 0, 1, 1]) },
};

test.for(Object.entries(PARTS))(
  'the gradient of %s by what goes in and by weights is that of central differences',
  async ([, { of, shape }]) => {
    const { scope, variables } = createNetworkBuilder({ training: true });
    of(scope, $.input('x', shape));
    const names = variables().map(({ name, tensor }) => ({ name, shape: tensor.shape }));
    const { first } = await checkGradients(
      [shape, ...names.map((one) => one.shape)],
      ([x, ...weights]) => {
        const given = new Map(names.map(({ name }, i) => [name, weights[i] as Tensor]));
        const builder = createNetworkBuilder({ training: true });
        const at = (prefix: string): Scope => ({
          ...builder.scope,
          child: (name) => at(`${prefix}${name}.`),
          parameter: (name) => given.get(prefix + name) as Tensor,
        });
        return of(at(''), x as Tensor);
      },
      { dtype: 'float32', epsilon: 1e-3 },
    );
    expect(first.error).toBeLessThan(0.02);
    expect(Math.abs(first.derivative)).toBeGreaterThan(1e-3);
  },
);
