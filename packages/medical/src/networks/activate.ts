import { ops as $, preluLayer, type Scope, type Tensor } from '@vesalius/engine';

const PLAIN = {
  relu: $.relu,
  leakyrelu: (x: Tensor) => $.leakyRelu(x, 0.01),
  elu: (x: Tensor) => $.elu(x),
  gelu: (x: Tensor) => $.gelu(x),
  swish: $.silu,
  hardswish: $.hardSwish,
  sigmoid: $.sigmoid,
  tanh: $.tanh,
  softplus: $.softplus,
} as const;

/** Activation, by MONAI's names. */
export type Act =
  | keyof typeof PLAIN
  | 'prelu'
  | { readonly name: 'leakyrelu'; readonly negativeSlope: number }
  | { readonly name: 'prelu'; readonly init: number };

/** Applies an activation; the learned slope of `prelu` lies directly in the scope. */
export function activate(scope: Scope, x: Tensor, act: Act): Tensor {
  if (act === 'prelu') return preluLayer(scope, x);
  if (typeof act === 'string') return PLAIN[act](x);
  return act.name === 'prelu' ? preluLayer(scope, x, act.init) : $.leakyRelu(x, act.negativeSlope);
}
