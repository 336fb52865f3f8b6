import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type UNETROptions, unetr } from './unetr.ts';

goldenNetworkTests<UNETROptions>('unetr', unetr);
