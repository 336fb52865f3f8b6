import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { RESNETS, type ResNetOptions, resNet } from './res-net.ts';

goldenNetworkTests<ResNetOptions & { depth?: keyof typeof RESNETS }>('res-net', (scope, x, { depth, ...options }) =>
  resNet(scope, x, { ...(depth && RESNETS[depth]), ...options }),
);
