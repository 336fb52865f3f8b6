import { DataSet } from '../data-set/data-set.ts';
import { createElement } from '../values/create-element.ts';
import { joinBytes } from './deflate.ts';
import { encodeDataSet } from './encode-data-set.ts';
import { EXPLICIT_LITTLE } from './encoding.ts';

/**
 * How this implementation names itself in files and to its peers: PS3.7 D.3.3.2. The root is of the kind that anyone may derive from
 * a UUID: PS3.5 B.2.
 */
export const IMPLEMENTATION = { uid: '2.25.226693949942086234330755234125907254045', version: 'VESALIUS_01' } as const;

const PREFIX = new TextEncoder().encode('DICM');

/** What a file says of the instance in it. */
export interface FileMetaOptions {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Zeros without it. */
  readonly preamble?: Uint8Array;
  /** Further elements of group 2. */
  readonly kept?: DataSet;
}

/** What stands before the data set: preamble, prefix and meta information, always explicit little endian: PS3.10 7.1. */
export function encodeFileMeta(options: FileMetaOptions): Uint8Array<ArrayBuffer> {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid, preamble = new Uint8Array(128), kept = [] } = options;
  // What a file says of itself is kept, even where it is against the rules.
  const own = { check: false };
  const required = new DataSet([
    createElement('FileMetaInformationVersion', Uint8Array.of(0, 1)),
    createElement('MediaStorageSOPClassUID', sopClassUid, own),
    createElement('MediaStorageSOPInstanceUID', sopInstanceUid, own),
    createElement('TransferSyntaxUID', transferSyntaxUid, own),
    createElement('ImplementationClassUID', IMPLEMENTATION.uid),
    createElement('ImplementationVersionName', IMPLEMENTATION.version),
  ]);
  const body = encodeDataSet(required.with(...[...kept].filter(({ tag }) => !required.has(tag))), EXPLICIT_LITTLE);
  return joinBytes([preamble, PREFIX, groupLength(body.length), body]);
}

/** (0002,0000), which `encodeDataSet` leaves out as it does every group length. */
function groupLength(length: number): Uint8Array {
  const bytes = Uint8Array.of(2, 0, 0, 0, 0x55, 0x4c, 4, 0, 0, 0, 0, 0);
  new DataView(bytes.buffer).setUint32(8, length, true);
  return bytes;
}
