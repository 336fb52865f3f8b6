import type { Act, Norm } from '@vesalius/medical';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { preNormBlock } from './modality-encoder.ts';

goldenNetworkTests<{ norm: Norm; act: Act }>('pre-norm-block', preNormBlock);
