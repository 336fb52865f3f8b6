import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from './sop-classes.ts';

// The explicit form counts its length in 16 bits; a UID has at most 64 characters and a backslash.
const MAX_UIDS = 1000;

/**
 * The identifier that ends a retrieval which failed in part: Failed SOP Instance UID List (0008,0058). Undefined where there is
 * nothing to list or the transfer syntax is none that queries are spoken in.
 *
 * @source PS3.4 C.4.2.1.4.2
 */
export function writeFailedList(sopInstanceUids: readonly string[], transferSyntaxUid: string): Buffer | undefined {
  if (sopInstanceUids.length === 0) return undefined;
  const text = sopInstanceUids.slice(0, MAX_UIDS).join('\\');
  const value = Buffer.from(text.length % 2 === 0 ? text : `${text}\0`, 'latin1');
  const header = Buffer.from([0x08, 0, 0x58, 0, 0, 0, 0, 0]);
  if (transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN) header.writeUInt32LE(value.length, 4);
  else if (transferSyntaxUid === EXPLICIT_VR_LITTLE_ENDIAN) {
    header.write('UI', 4, 'latin1');
    header.writeUInt16LE(value.length, 6);
  } else return undefined;
  return Buffer.concat([header, value]);
}
