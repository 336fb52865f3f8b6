import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type ViTOptions, vit } from './vit.ts';

goldenNetworkTests<ViTOptions>('vit', (scope, x, options) => {
  const { output, hiddenStates } = vit(scope, x, options);
  return [output, ...hiddenStates];
});
