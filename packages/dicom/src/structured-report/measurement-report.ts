import type { Code } from '../codes/codes.ts';
import type { GraphicType, GraphicType3d, InstanceReference } from './content-item.ts';

/** What TID 1500 says, apart from how it is written as a tree. */
export interface MeasurementReport {
  /** Of context group 7021; Imaging Measurement Report without it. */
  readonly title?: Code;
  /** RFC 5646, such as `en-US`, which stands without it. */
  readonly language?: string;
  readonly observers: readonly Observer[];
  readonly procedure?: Code;
  /** Images read, by groups of the image library. */
  readonly images?: readonly InstanceReference[];
  readonly groups: readonly MeasurementGroup[];
}

/** Who measured: TID 1002. */
export type Observer =
  | { readonly kind: 'person'; readonly name: string }
  | {
      readonly kind: 'device';
      readonly uid: string;
      readonly name?: string;
      readonly manufacturer?: string;
      readonly model?: string;
      readonly serialNumber?: string;
    };

/** Measurements and findings about one thing: TID 1410, 1411 or 1501. */
export interface MeasurementGroup {
  readonly trackingId: string;
  readonly trackingUid: string;
  readonly findingCategory?: Code;
  readonly finding?: Code;
  readonly findingSites?: readonly FindingSite[];
  readonly method?: Code;
  readonly regions?: readonly MeasuredRegion[];
  readonly measurements?: readonly Measurement[];
  readonly evaluations?: readonly Evaluation[];
}

export interface FindingSite {
  readonly site: Code;
  readonly laterality?: Code;
  readonly modifier?: Code;
}

/** What was measured: a segment, or a shape on an image or in the patient. */
export type MeasuredRegion =
  | {
      readonly kind: 'segment';
      readonly segment: InstanceReference;
      /** One of the two must be there. */
      readonly sourceImages?: readonly InstanceReference[];
      readonly sourceSeriesUid?: string;
    }
  | {
      readonly kind: 'image';
      readonly graphic: GraphicType;
      readonly points: readonly number[];
      readonly image: InstanceReference;
    }
  | {
      readonly kind: 'patient';
      readonly graphic: GraphicType3d;
      readonly points: readonly number[];
      readonly frameOfReferenceUid: string;
    };

export interface Measurement {
  readonly name: Code;
  /** None where it could not be measured; `qualifier` says why. */
  readonly value?: number;
  /** UCUM. */
  readonly unit?: Code;
  readonly qualifier?: Code;
  readonly method?: Code;
  /** Mean, maximum, ...: context group 7464. */
  readonly derivation?: Code;
}

/** A quality named and judged by a code or in words. */
export interface Evaluation {
  readonly name: Code;
  readonly value: Code | string;
}
