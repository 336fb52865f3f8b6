/** What a box is about; each kind has a colour of its own. */
export type OpKind =
  | 'convolution'
  | 'activation'
  | 'normalization'
  | 'pooling'
  | 'shape'
  | 'arithmetic'
  | 'block'
  | 'end'
  | 'other';

const KINDS: readonly (readonly [OpKind, RegExp])[] = [
  ['convolution', /conv|gemm|matmul|einsum|attention|lstm|gru|rnn/i],
  ['normalization', /norm|lrn/i],
  ['activation', /relu|sigmoid|tanh|softmax|softplus|elu|gelu|swish|mish|clip|erf/i],
  ['pooling', /pool|resize|upsample|reduce|topk|argmax/i],
  ['shape', /reshape|transpose|concat|split|slice|pad|squeeze|flatten|expand|gather|shape|cast|tile|depthtospace/i],
  [
    'arithmetic',
    /^(add|sub|mul|div|pow|sqrt|neg|exp|log|abs|min|max|sum|mean|reciprocal|where|equal|less|greater|not|and|or)/i,
  ],
];

/** The kind of an operation, by its name. */
export function kindOfOp(op: string): OpKind {
  return KINDS.find(([, pattern]) => pattern.test(op))?.[0] ?? 'other';
}

/** Fill and writing of boxes; white on each fill has a contrast of at least 4.5. */
export const FILLS: Readonly<Record<OpKind, string>> = {
  convolution: '#2f5f9e',
  activation: '#8a3b3b',
  normalization: '#3b6b4a',
  pooling: '#5b4a8a',
  shape: '#7a5a24',
  arithmetic: '#4a5563',
  block: '#1f4e5f',
  end: '#33373d',
  other: '#5f4a5f',
};

export const CHANGE_COLOURS = { added: '#3fb950', removed: '#f85149', changed: '#d29922' } as const;

export const INK = {
  background: '#0e1116',
  line: '#77808c',
  lineFocus: '#79c0ff',
  text: '#ffffff',
  dim: '#c3cad3',
  focus: '#79c0ff',
  found: '#e3b341',
} as const;

/** Share of the slowest, 0 to 1, as a colour from dark blue over red to yellow. */
export function heatColour(share: number): string {
  const at = Math.sqrt(Math.min(1, Math.max(0, share)));
  const red = Math.round(40 + 190 * Math.min(1, at * 1.6));
  const green = Math.round(60 + 120 * Math.max(0, at - 0.55) * 2);
  const blue = Math.round(110 * (1 - at) + 30);
  return `rgb(${red} ${green} ${blue})`;
}
