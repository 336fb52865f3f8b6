import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type BasicUNetOptions, basicUnet } from './basic-unet.ts';

goldenNetworkTests<BasicUNetOptions>('basic-unet', basicUnet);
