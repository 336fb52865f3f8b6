import { ops as $ } from '@vesalius/engine';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type MaskedTransformerOptions, maskedTransformerBlock } from './masked-transformer-block.ts';

goldenNetworkTests<MaskedTransformerOptions & { readonly present: readonly number[] }>(
  'masked-transformer-block',
  (scope, x, { present, ...options }) => {
    const mask = $.broadcastTo($.constant(present, [1, present.length]), x.shape.slice(0, 2));
    const { tokens, weights } = maskedTransformerBlock(scope, x, mask, options);
    return [tokens, weights];
  },
);
