import {
  type ContextRule,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  isStorageClass,
  QUERY_RETRIEVE,
  STORAGE_COMMITMENT,
  VERIFICATION,
} from '@vesalius/dicom-network';

const SPOKEN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
const { patientRoot, studyRoot } = QUERY_RETRIEVE;

/** PS3.4 C.5.1.1: relational queries, combined date and time, fuzzy names; no time zones, no conversion of multi-frame. */
const FIND_ABILITIES = [1, 1, 1, 0, 0];
/** PS3.4 C.5.2.1, C.5.3.1: relational retrieval; no conversion of multi-frame. */
const RETRIEVE_ABILITIES = [1, 0];
/** PS3.4 B.3.1: everything is kept as it came (level 2), signatures included (bit preserving), nothing coerced. */
const STORAGE_ABILITIES = Uint8Array.of(2, 0, 3, 0, 0, 0);

/** What is agreed to: every storage class, private ones too, in whatever transfer syntax it comes; query and retrieve; commitment. */
export const CONTEXT_RULES: readonly ContextRule[] = [
  { abstractSyntax: VERIFICATION, transferSyntaxes: SPOKEN },
  { abstractSyntax: STORAGE_COMMITMENT, transferSyntaxes: SPOKEN },
  ...[patientRoot, studyRoot].flatMap(({ find, move, get }) => [
    { abstractSyntax: find, transferSyntaxes: SPOKEN, extended: both(FIND_ABILITIES) },
    { abstractSyntax: move, transferSyntaxes: SPOKEN, extended: both(RETRIEVE_ABILITIES) },
    { abstractSyntax: get, transferSyntaxes: SPOKEN, extended: both(RETRIEVE_ABILITIES) },
  ]),
  {
    abstractSyntax: isStorageClass,
    transferSyntaxes: 'as-proposed',
    requestorMayBeScp: true,
    extended: () => STORAGE_ABILITIES,
  },
];

/** Of single bytes that are 1 where a side can do something: what both can. */
function both(own: readonly number[]): (asked: Uint8Array) => Uint8Array {
  return (asked) => Uint8Array.from(asked, (byte, i) => Math.min(byte, own[i] ?? 0));
}

/** Whether names were agreed to be found by what they sound or look like: the third byte of PS3.4 C.5.1.1. */
export function isFuzzy(
  extended: readonly { readonly sopClassUid: string; readonly information: Uint8Array }[],
  sopClassUid: string,
): boolean {
  return extended.some((each) => each.sopClassUid === sopClassUid && each.information[2] === 1);
}
