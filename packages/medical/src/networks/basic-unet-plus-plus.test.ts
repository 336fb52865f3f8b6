import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type BasicUNetPlusPlusOptions, basicUnetPlusPlus } from './basic-unet-plus-plus.ts';

goldenNetworkTests<BasicUNetPlusPlusOptions>('basic-unet-plus-plus', basicUnetPlusPlus);
