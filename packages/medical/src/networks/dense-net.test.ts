import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type DenseNetOptions, denseNet } from './dense-net.ts';

goldenNetworkTests<DenseNetOptions>('dense-net', denseNet);
