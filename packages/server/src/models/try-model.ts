import { availableParallelism } from 'node:os';
import { type OpenBundle, openPredictor } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import { affineFromSpacing, createVolume } from '@vesalius/volume';

const SIDE = 16;

/**
 * Makes sure that a bundle's model can be run: predicts a small empty scan.
 *
 * @throws FILE_FORMAT, DATA_MISMATCH, RUNTIME_FAILED
 */
export async function tryModel(bundle: OpenBundle): Promise<void> {
  try {
    const { channels, plan } = bundle.manifest;
    const size = [SIDE, SIDE, plan.spatialDimensions.value === 2 ? 1 : SIDE] as const;
    const voxels = new Float32Array(size[0] * size[1] * size[2]);
    const scan = createVolume({ voxels, size, voxelToLps: affineFromSpacing(plan.targetSpacingMm.value) });
    const predictor = await openPredictor(bundle, { threads: availableParallelism() });
    try {
      await predictor.predict(channels.map(() => scan));
    } finally {
      await predictor.close();
    }
  } catch (cause) {
    if (cause instanceof VesaliusError) throw cause;
    throw new VesaliusError('FILE_FORMAT', { what: 'bundle', got: 'a model that cannot be run', cause });
  }
}
