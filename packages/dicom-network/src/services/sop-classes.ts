/** @source PS3.4 A, PS3.6 annex A */
export const VERIFICATION = '1.2.840.10008.1.1';
export const STORAGE_COMMITMENT = '1.2.840.10008.1.20.1';
/** The one instance that storage commitment is asked of. */
export const STORAGE_COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

/** Query and retrieve by information model (PS3.4 C.6). */
export const QUERY_RETRIEVE = {
  patientRoot: {
    find: '1.2.840.10008.5.1.4.1.2.1.1',
    move: '1.2.840.10008.5.1.4.1.2.1.2',
    get: '1.2.840.10008.5.1.4.1.2.1.3',
  },
  studyRoot: {
    find: '1.2.840.10008.5.1.4.1.2.2.1',
    move: '1.2.840.10008.5.1.4.1.2.2.2',
    get: '1.2.840.10008.5.1.4.1.2.2.3',
  },
} as const;

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

// Storage classes outside 1.2.840.10008.5.1.4.1.1 (PS3.4 B.5, GG.3).
const OTHER_STORAGE = [
  '1.2.840.10008.5.1.4.34.7',
  '1.2.840.10008.5.1.4.34.10',
  '1.2.840.10008.5.1.4.38.1',
  '1.2.840.10008.5.1.4.39.1',
  '1.2.840.10008.5.1.4.43.1',
  '1.2.840.10008.5.1.4.44.1',
  '1.2.840.10008.5.1.4.45.1',
  '1.2.840.10008.5.1.1.29',
  '1.2.840.10008.5.1.1.30',
];

/** True for the UID of a storage SOP class: the standard's, whatever edition, and private ones. */
export function isStorageClass(uid: string): boolean {
  const isOfStandard = uid.startsWith('1.2.840.10008.');
  return !isOfStandard || uid.startsWith('1.2.840.10008.5.1.4.1.1.') || OTHER_STORAGE.includes(uid);
}
