import type { Types } from '@cornerstonejs/core';
import type { Grid, Triple } from '@vesalius/volume';

export interface RenderVolumeOptions {
  readonly element: HTMLDivElement;
  readonly grid: Grid;
  readonly voxels: Int16Array | Float32Array;
  readonly modality: string;
}

const [ENGINE, VIEW, VOLUME] = ['vesalius-engine', 'vesalius-3d', 'vesalius-volume'] as const;

/** Shows a volume in three dimensions, turned by dragging. Loads Cornerstone3D, which nothing else needs. @returns how to end it */
export async function renderVolume({ element, grid, voxels, modality }: RenderVolumeOptions): Promise<() => void> {
  const core = await import('@cornerstonejs/core');
  await core.init();
  core.cache.purgeCache();
  const volume = core.volumeLoader.createLocalVolume(VOLUME, {
    scalarData: voxels as Types.PixelDataTypedArray,
    metadata: {} as Types.Metadata,
    dimensions: [...grid.size],
    ...placeOf(grid),
  });
  const engine = new core.RenderingEngine(ENGINE);
  engine.enableElement({ viewportId: VIEW, type: core.Enums.ViewportType.VOLUME_3D, element });
  const view = engine.getViewport(VIEW) as Types.IVolumeViewport;
  await view.setVolumes([{ volumeId: volume.volumeId }]);
  view.setProperties({ preset: modality === 'CT' ? 'CT-Bone' : 'MR-Default' });
  view.resetCamera();
  view.render();
  const end = turnByDragging(element, view);
  return () => {
    end();
    engine.destroy();
    core.cache.purgeCache();
  };
}

function placeOf({ voxelToLps: { matrix } }: Grid) {
  const column = (axis: number): Triple => [matrix[axis] ?? 0, matrix[axis + 4] ?? 0, matrix[axis + 8] ?? 0];
  const axes = [column(0), column(1), column(2)];
  const spacing = axes.map((axis) => Math.hypot(...axis)) as [number, number, number];
  const direction = axes.flatMap((axis, i) => axis.map((value) => value / (spacing[i] as number)));
  return { spacing, direction: direction as unknown as Types.Mat3, origin: [...column(3)] as Types.Point3 };
}

/** Around the upright axis of the patient sideways, over it up and down. */
function turnByDragging(element: HTMLElement, view: Types.IVolumeViewport): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  element.addEventListener('pointerdown', (event) => element.setPointerCapture(event.pointerId), { signal });
  element.addEventListener(
    'pointermove',
    (event) => {
      if (event.buttons === 0) return;
      turn(view, (-event.movementX * Math.PI) / 360, (event.movementY * Math.PI) / 360);
    },
    { signal },
  );
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      view.setZoom(view.getZoom() * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
      view.render();
    },
    { passive: false, signal },
  );
  return () => stop.abort();
}

function turn(view: Types.IVolumeViewport, sideways: number, up: number): void {
  const { focalPoint, position } = view.getCamera();
  if (!focalPoint || !position) return;
  const [x, y, z] = [0, 1, 2].map((i) => (position[i] as number) - (focalPoint[i] as number)) as [
    number,
    number,
    number,
  ];
  const distance = Math.hypot(x, y, z);
  const angle = Math.atan2(y, x) + sideways;
  const height = Math.min(1.5, Math.max(-1.5, Math.asin(z / distance) + up));
  const flat = distance * Math.cos(height);
  const at: Types.Point3 = [
    focalPoint[0] + flat * Math.cos(angle),
    focalPoint[1] + flat * Math.sin(angle),
    focalPoint[2] + distance * Math.sin(height),
  ];
  view.setCamera({ position: at, viewUp: [0, 0, 1] });
  view.render();
}
