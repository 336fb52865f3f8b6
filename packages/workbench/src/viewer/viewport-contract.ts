import type { Grid, Triple } from '@vesalius/volume';

/** The plane of the body that a view shows, by the nearest name where it is oblique. */
export type PlaneName = 'axial' | 'sagittal' | 'coronal';

/** A series on the screen as layers and tools see it. */
export interface ShownSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly modality: string;
  /** The server's grid of the series (`ArchiveVolume`): x fastest, slices from the lowest to the highest. Missing where it is no volume. */
  readonly grid?: Grid;
  readonly timePoints: number;
  /** The values after the modality transform at the time shown, x fastest; loads what is missing. */
  voxels(signal?: AbortSignal): Promise<Int16Array | Float32Array>;
}

export interface LabelStyle {
  readonly value: number;
  readonly name: string;
  /** 0 to 255 */
  readonly color: Triple;
  readonly visible: boolean;
}

/** Voxels from `from` to `to`, both inside. */
export interface VoxelBounds {
  readonly from: Triple;
  readonly to: Triple;
}

/** A label map over the series; its owner changes the bytes in place and says `changed`. */
export interface LabelLayer {
  /** A byte a voxel on the grid of the series. */
  readonly mask: Uint8Array;
  readonly labels: readonly LabelStyle[];
  /** 0 to 1 */
  readonly opacity: number;
}

/** Marks of a tool in voxels: a brush's ring, a polygon in the making, points. */
export interface ToolMark {
  /** The closed or open line through voxel coordinates; one point is a dot. */
  readonly points: readonly Triple[];
  readonly closed: boolean;
  /** `#rrggbb` */
  readonly color: string;
  /** Of a ring around the only point, in millimetres; a dot without it. */
  readonly radiusMm?: number;
}

export interface ViewPointerEvent {
  readonly kind: 'down' | 'move' | 'up' | 'leave';
  /** Fractional voxel coordinates; integers are voxel centres. May lie outside the grid. */
  readonly voxel: Triple;
  readonly plane: PlaneName;
  /** The voxel axis across the plane: 0, 1 or 2. */
  readonly axis: 0 | 1 | 2;
  /** As `PointerEvent.button`; of a move the one that is held, -1 without. */
  readonly button: number;
  readonly pressure: number;
  readonly modifiers: { readonly shift: boolean; readonly ctrl: boolean; readonly alt: boolean };
}

/** What the tool in hand does; without one the viewer's own tools have the pointer. */
export interface ViewTool {
  /** As CSS has it. */
  readonly cursor?: string;
  /** True where the tool took the event; the viewer does nothing with it then. */
  onPointer(event: ViewPointerEvent): boolean;
}

/** What panels beside the views get; stays the same object while a series is shown. */
export interface ViewportHost {
  readonly series: ShownSeries;
  /** The voxel at which the crosshairs stand. */
  readonly voxel: () => Triple;
  /** Slices of all planes are shown through it. */
  readonly jumpTo: (voxel: Triple) => void;
  /** The plane that was pointed at last; the voxel axis across it. */
  readonly activePlane: () => { readonly plane: PlaneName; readonly axis: 0 | 1 | 2 };
  /** undefined takes it away. */
  readonly showLabels: (layer: LabelLayer | undefined) => void;
  /** The bytes of the mask changed, within the bounds where they are known. */
  readonly labelsChanged: (bounds?: VoxelBounds) => void;
  readonly showMarks: (marks: readonly ToolMark[]) => void;
  /** Lays a DICOM Parametric Map of the study over the images; undefined takes it away. */
  readonly showMap: (
    map: { readonly seriesInstanceUid: string; readonly sopInstanceUid: string } | undefined,
  ) => Promise<void>;
  readonly takeTool: (tool: ViewTool | undefined) => void;
  /** Called after each move of the crosshairs or of time. @returns how to end it */
  readonly onMove: (listener: () => void) => () => void;
}

/** A panel beside the views; loaded when it is opened. */
export interface StudyPanel {
  readonly id: string;
  /** Its name in the language of the page. */
  readonly title: () => string;
  /** Its keys while it is open, each with what it does. */
  readonly keys?: () => readonly (readonly [key: string, words: string])[];
  readonly load: () => Promise<{ readonly Panel: (props: { readonly host: ViewportHost }) => unknown }>;
}
