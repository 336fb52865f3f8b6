import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type VisionTransformerOptions, visionTransformer } from './vision-transformer.ts';

goldenNetworkTests<VisionTransformerOptions>('vision-transformer', visionTransformer);
