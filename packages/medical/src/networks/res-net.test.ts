import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { RESNETS, type ResNetOptions, resNet } from './res-net.ts';

goldenNetworkTests<Omit<ResNetOptions, 'block' | 'layers'> & { depth: keyof typeof RESNETS }>(
  'res-net',
  (scope, x, { depth, ...options }) => resNet(scope, x, { ...RESNETS[depth], ...options }),
);
