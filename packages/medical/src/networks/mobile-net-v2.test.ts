import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type MobileNetV2Options, mobileNetV2 } from './mobile-net-v2.ts';

goldenNetworkTests<MobileNetV2Options>('mobile-net-v2', mobileNetV2);
