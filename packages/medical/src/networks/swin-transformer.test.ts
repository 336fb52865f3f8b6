import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type SwinTransformerOptions, swinTransformer } from './swin-transformer.ts';

goldenNetworkTests<SwinTransformerOptions>('swin-transformer', swinTransformer);
