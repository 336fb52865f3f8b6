import { uidEntry } from '../dictionary/uids.ts';

/** How elements are laid out in bytes: PS3.5 7.1.2, 7.1.3, 7.3. */
export interface Encoding {
  /** Each element states its VR. */
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export const IMPLICIT_LITTLE: Encoding = { explicit: false, littleEndian: true };
export const EXPLICIT_LITTLE: Encoding = { explicit: true, littleEndian: true };
export const EXPLICIT_BIG: Encoding = { explicit: true, littleEndian: false };

/** A transfer syntax: PS3.5 annex A. */
export interface TransferSyntax {
  readonly uid: string;
  /** The standard's name, or the UID where it has none. */
  readonly name: string;
  readonly encoding: Encoding;
  /** The whole data set is one deflate stream: A.5. */
  readonly deflated: boolean;
  /** Pixel data are a sequence of compressed fragments: A.4. */
  readonly encapsulated: boolean;
}

const IMPLICIT_UID = '1.2.840.10008.1.2';
const BIG_UID = '1.2.840.10008.1.2.2';
/** Deflated data set; JPIP referenced deflate, of JPEG 2000 and of HTJ2K. */
const DEFLATED_UIDS = ['1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.4.95', '1.2.840.10008.1.2.4.205'];
/** JPIP keeps the pixels elsewhere: nothing is encapsulated. */
const REFERENCED_UIDS = [
  '1.2.840.10008.1.2.4.94',
  '1.2.840.10008.1.2.4.95',
  '1.2.840.10008.1.2.4.204',
  '1.2.840.10008.1.2.4.205',
];

/** The transfer syntax of a UID; an unknown one is read as explicit little endian, as PS3.5 A.4 writes every later one. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  const encoding = uid === IMPLICIT_UID ? IMPLICIT_LITTLE : uid === BIG_UID ? EXPLICIT_BIG : EXPLICIT_LITTLE;
  const encapsulated = /^1\.2\.840\.10008\.1\.2\.(4\.|5$|1\.98$|8\.1$)/.test(uid) && !REFERENCED_UIDS.includes(uid);
  const name = uidEntry(uid)?.name ?? uid;
  return { uid, name, encoding, deflated: DEFLATED_UIDS.includes(uid), encapsulated };
}
