import { VesaliusError } from '@vesalius/errors';
import { fetchOverlay } from '../overlays/fetch-overlay.ts';
import type { ViewportHost } from '../viewport-contract.ts';
import type { ViewModel } from './view-model.ts';

/** What panels beside the views get of a series. */
export function createHost(model: ViewModel): ViewportHost {
  const { series, update } = model;
  const { studyInstanceUid, seriesInstanceUid, modality, timePoints, grid } = series;
  const redraw = () => update({ labelRevision: model.state.labelRevision + 1 });
  return {
    series: {
      studyInstanceUid,
      seriesInstanceUid,
      modality,
      timePoints,
      ...(grid && { grid }),
      voxels: (signal) => readVoxels(model, signal),
    },
    voxel: () => model.state.voxel,
    jumpTo: (voxel) => update({ voxel }),
    activePlane: () => model.state.active,
    showLabels: (labels) => update({ labels, labelRevision: model.state.labelRevision + 1 }),
    labelsChanged: redraw,
    showMarks: (marks) => update({ marks }),
    showMap: async (map) => {
      if (!map || !grid) return update({ heat: undefined });
      const object = { kind: 'map', studyInstanceUid, ...map, label: '', frameOfReferenceUid: '' } as const;
      const fetched = await fetchOverlay(object, grid);
      if (fetched.kind === 'heat') update({ heat: fetched.heat });
    },
    takeTool: (taken) => update({ taken }),
    onMove: (listener) => {
      let { voxel, time } = model.state;
      return model.subscribe(() => {
        if (voxel === model.state.voxel && time === model.state.time) return;
        ({ voxel, time } = model.state);
        listener();
      });
    },
  };
}

/** @throws FILE_UNSUPPORTED for colours and slices of different sizes */
async function readVoxels(model: ViewModel, signal?: AbortSignal): Promise<Int16Array | Float32Array> {
  const frames = await model.frames.all(model.indexOf(0), model.slices, signal);
  const length = frames[0]?.values.length ?? 0;
  const isWhole = frames.every(({ values }) => values instanceof Int16Array);
  const voxels = isWhole ? new Int16Array(length * frames.length) : new Float32Array(length * frames.length);
  for (const [z, { values, isColor }] of frames.entries()) {
    if (isColor || values.length !== length)
      throw new VesaliusError('FILE_UNSUPPORTED', { what: 'voxels of the series' });
    voxels.set(values, z * length);
  }
  return voxels;
}
