import type { TableOption } from './confidentiality-rule.ts';
import type { ProjectKey } from './project-key.ts';

/** A rectangle of pixels to black out in every frame; from 0. */
export interface PixelRegion {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Private elements that are known to be safe: PS3.15 E.3.10. */
export interface SafePrivate {
  /** The value of the private creator element. */
  readonly creator: string;
  /** Group, and last byte of the element number, such as `0019` and `0c`; all of the creator's without it. */
  readonly elements?: readonly { readonly group: number; readonly last: number }[];
}

/** How data sets of a project are de-identified: the basic profile of PS3.15 annex E, less what its options keep. */
export interface DeidentifyPolicy {
  readonly key: ProjectKey;
  readonly retainUids?: boolean;
  readonly retainDevice?: boolean;
  readonly retainInstitution?: boolean;
  readonly retainPatientCharacteristics?: boolean;
  /** `remove` without it. `shift` moves every date of a patient by the same number of days, told by the key. */
  readonly dates?: 'remove' | 'shift' | 'keep';
  /** Keep the words of descriptions that are terms of medicine or in `words`, instead of removing descriptions. */
  readonly cleanDescriptors?: boolean;
  /** Keep the tree of structured reports, each item cleaned. */
  readonly cleanStructuredContent?: boolean;
  /** Keep graphic annotations, their text cleaned. Overlays are removed all the same: their bitmaps cannot be read. */
  readonly cleanGraphics?: boolean;
  /** Further words that may stay in descriptions. */
  readonly words?: readonly string[];
  readonly safePrivate?: readonly SafePrivate[];
  readonly blackOut?: readonly PixelRegion[];
  /** Give the patient this name and ID instead of one told by the key. */
  readonly pseudonym?: string;
}

/** The columns of the table that a policy asks for. */
export function optionsOf(policy: DeidentifyPolicy): TableOption[] {
  const chosen: [TableOption, boolean | undefined][] = [
    ['uids', policy.retainUids],
    ['device', policy.retainDevice],
    ['institution', policy.retainInstitution],
    ['patient', policy.retainPatientCharacteristics],
    ['fullDates', policy.dates === 'keep'],
    ['shiftedDates', policy.dates === 'shift'],
    ['descriptors', policy.cleanDescriptors],
    ['structured', policy.cleanStructuredContent],
    ['graphics', policy.cleanGraphics],
  ];
  return chosen.filter(([, wanted]) => wanted).map(([option]) => option);
}

/** What was done, as (0012,0064) says it: PS3.16 context group 7050. */
export function methodCodes(policy: DeidentifyPolicy): { readonly value: string; readonly meaning: string }[] {
  const chosen: [string, string, unknown][] = [
    ['113100', 'Basic Application Confidentiality Profile', true],
    ['113101', 'Clean Pixel Data Option', policy.blackOut?.length],
    ['113103', 'Clean Graphics Option', policy.cleanGraphics],
    ['113104', 'Clean Structured Content Option', policy.cleanStructuredContent],
    ['113105', 'Clean Descriptors Option', policy.cleanDescriptors],
    ['113106', 'Retain Longitudinal Temporal Information Full Dates Option', policy.dates === 'keep'],
    ['113107', 'Retain Longitudinal Temporal Information Modified Dates Option', policy.dates === 'shift'],
    ['113108', 'Retain Patient Characteristics Option', policy.retainPatientCharacteristics],
    ['113109', 'Retain Device Identity Option', policy.retainDevice],
    ['113110', 'Retain UIDs Option', policy.retainUids],
    ['113111', 'Retain Safe Private Option', policy.safePrivate?.length],
    ['113112', 'Retain Institution Identity Option', policy.retainInstitution],
  ];
  return chosen.filter(([, , wanted]) => wanted).map(([value, meaning]) => ({ value, meaning }));
}
