import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type SegResNetOptions, segResNet } from './seg-res-net.ts';

goldenNetworkTests<SegResNetOptions>('seg-res-net', segResNet);
