import { batchNorm, groupNorm, instanceNorm, type NormOptions, type Scope, type Tensor } from '@vesalius/engine';

/** Feature normalisation, by MONAI's names; instance norm learns no scale and shift unless `affine` says so. */
export type Norm =
  | 'instance'
  | 'batch'
  | ({ readonly name: 'instance' } & NormOptions)
  | ({ readonly name: 'batch'; readonly momentum?: number } & NormOptions)
  | ({ readonly name: 'group'; readonly numGroups: number } & NormOptions);

/** Normalises `[B, C, ...S]`; parameters lie directly in the scope. */
export function normalize(scope: Scope, x: Tensor, norm: Norm): Tensor {
  if (norm === 'instance') return instanceNorm(scope, x);
  if (norm === 'batch') return batchNorm(scope, x);
  switch (norm.name) {
    case 'instance':
      return instanceNorm(scope, x, norm);
    case 'batch':
      return batchNorm(scope, x, norm);
    case 'group':
      return groupNorm(scope, x, norm.numGroups, norm);
  }
}
