import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';

/** How an item belongs to the one above it: PS3.3 table C.17.3-8. */
export type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS ACQ CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

/** An instance, or some of its frames or segments. */
export interface InstanceReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frames?: readonly number[];
  readonly segments?: readonly number[];
}

export type TextValueType = 'TEXT' | 'DATE' | 'TIME' | 'DATETIME' | 'UIDREF' | 'PNAME';
export type GraphicType = 'POINT' | 'MULTIPOINT' | 'POLYLINE' | 'CIRCLE' | 'ELLIPSE';
export type GraphicType3d = 'POINT' | 'MULTIPOINT' | 'POLYLINE' | 'POLYGON' | 'ELLIPSE' | 'ELLIPSOID';

export type TemporalRange = 'POINT' | 'MULTIPOINT' | 'SEGMENT' | 'MULTISEGMENT' | 'BEGIN' | 'END';

/** What an item says, by its value type: PS3.3 table C.17.3-7. */
export type ContentValue =
  | { readonly type: 'CONTAINER'; readonly continuity?: 'SEPARATE' | 'CONTINUOUS'; readonly template?: string }
  | { readonly type: TextValueType; readonly text: string }
  | { readonly type: 'CODE'; readonly code: Code }
  /** Without a value where none could be measured; `qualifier` then says why. */
  | { readonly type: 'NUM'; readonly value?: number; readonly unit?: Code; readonly qualifier?: Code }
  | { readonly type: 'IMAGE' | 'COMPOSITE' | 'WAVEFORM'; readonly instance: InstanceReference }
  /** `points`: column and row of each in turn; the top left corner of the top left pixel is 0, 0. */
  | { readonly type: 'SCOORD'; readonly graphic: GraphicType; readonly points: readonly number[] }
  /** `points`: x, y and z of each in turn, LPS millimetres. */
  | {
      readonly type: 'SCOORD3D';
      readonly graphic: GraphicType3d;
      readonly points: readonly number[];
      readonly frameOfReferenceUid: string;
    }
  /** When on a waveform or in a video: one of the three lists is there. Samples count from 1, offsets are in seconds. */
  | {
      readonly type: 'TCOORD';
      readonly range: TemporalRange;
      readonly samples?: readonly number[];
      readonly offsets?: readonly number[];
      readonly dateTimes?: readonly string[];
    }
  /** The item at this place of the tree, numbers from 1: PS3.3 C.17.3.2.5. */
  | { readonly type: 'REFERENCE'; readonly target: readonly number[] }
  /** Of another value type: what it has besides the attributes of every item, text in UTF-8. */
  | { readonly type: 'OTHER'; readonly valueType: string; readonly dataSet: DataSet };

/** A node of a content tree. */
export type ContentItem = ContentValue & {
  /** None at the root. */
  readonly relationship?: Relationship;
  readonly name?: Code;
  readonly observationUid?: string;
  readonly children?: readonly ContentItem[];
};
