import type { VoiTransform } from '../pixels/voi.ts';

/** A shape over an image. PIXEL: the top left corner of the top left pixel is 0, 0; DISPLAY: 0 to 1 over the displayed area. */
export interface GraphicObject {
  readonly kind: 'POINT' | 'POLYLINE' | 'INTERPOLATED' | 'CIRCLE' | 'ELLIPSE';
  readonly units: 'PIXEL' | 'DISPLAY';
  /** Column and row of each in turn: of CIRCLE centre and a point on it, of ELLIPSE the ends of both axes. */
  readonly points: readonly number[];
  readonly filled?: boolean;
}

/** Words over an image, at a place or in a box. */
export interface TextObject {
  readonly text: string;
  readonly units: 'PIXEL' | 'DISPLAY';
  readonly anchor?: readonly [column: number, row: number];
  /** Whether a line leads to the anchor. */
  readonly anchorVisible?: boolean;
  readonly box?: readonly [left: number, top: number, right: number, bottom: number];
}

/** Graphics and words of one layer, on some images. */
export interface Annotation {
  /** Characters of CS. */
  readonly layer: string;
  /** SOP Instance UIDs; all of the state's images without it. */
  readonly imageUids?: readonly string[];
  readonly graphics?: readonly GraphicObject[];
  readonly texts?: readonly TextObject[];
}

/** The part of images that is shown; corners count pixels from 1. */
export interface DisplayedArea {
  readonly imageUids?: readonly string[];
  readonly topLeft: readonly [column: number, row: number];
  readonly bottomRight: readonly [column: number, row: number];
  readonly mode: 'SCALE TO FIT' | 'TRUE SIZE' | 'MAGNIFY';
}

/** Which values of images are seen; `applyVoi` shows them so. */
export interface SoftcopyVoi {
  readonly imageUids?: readonly string[];
  readonly transforms: readonly VoiTransform[];
}

/** How images are to be shown: a greyscale softcopy presentation state. */
export interface PresentationState {
  readonly label: string;
  readonly description?: string;
  readonly creator?: string;
  /** Every image it is about. */
  readonly imageUids: readonly string[];
  readonly annotations: readonly Annotation[];
  readonly displayedAreas: readonly DisplayedArea[];
  readonly voi: readonly SoftcopyVoi[];
  /** Modality values are slope * stored + intercept; none where the images' own hold. */
  readonly rescale?: { readonly slope: number; readonly intercept: number };
  /** Dark is bright. */
  readonly inverse: boolean;
  /** Degrees clockwise, before the flip. */
  readonly rotation: number;
  readonly flipped: boolean;
}
