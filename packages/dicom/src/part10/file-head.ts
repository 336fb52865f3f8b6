import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import { isVr } from '../dictionary/vr.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, type TransferSyntax, transferSyntaxOf } from './encoding.ts';
import type { Limits, Warning } from './limits.ts';
import { parseDataSet } from './parse-data-set.ts';

const PREFIX_END = 132;
/** What is needed to tell the encoding of a data set from its first element. */
const FIRST_ELEMENT = 8;

/** What stands before the data set: PS3.10 7.1. */
export interface FileHead {
  /** The 128 bytes before `DICM`, where both are there. */
  readonly preamble?: Uint8Array;
  readonly meta: DataSet;
  readonly transferSyntax: TransferSyntax;
  /** Where the data set begins. */
  readonly dataStart: number;
  readonly warnings: readonly Warning[];
}

export interface HeadOptions {
  readonly limits?: Limits;
  readonly partial?: boolean;
}

/**
 * Reads preamble and file meta information, which may be missing.
 *
 * @throws FILE_FORMAT when the bytes are no DICOM file
 */
export function readFileHead(bytes: Uint8Array, options: HeadOptions = {}): FileHead {
  const prefixed = bytes.length >= PREFIX_END && String.fromCharCode(...bytes.subarray(128, PREFIX_END)) === 'DICM';
  if (!prefixed && !startsDataSet(bytes)) {
    throw new VesaliusError('FILE_FORMAT', {
      what: 'start of the file',
      got: 'no preamble with DICM and no data set',
      expected: 'DICOM Part 10',
    });
  }
  const start = prefixed ? PREFIX_END : 0;
  const {
    dataSet: meta,
    end,
    warnings,
  } = parseDataSet(bytes.subarray(start), {
    ...options,
    encoding: EXPLICIT_LITTLE,
    stopBefore: (tag) => tag >>> 16 !== 2,
    offset: start,
  });
  const dataStart = start + end;
  const found = settleSyntax(bytes.subarray(dataStart), meta.string('TransferSyntaxUID'));
  return {
    ...(prefixed ? { preamble: bytes.subarray(0, 128) } : {}),
    meta,
    transferSyntax: found.syntax,
    dataStart,
    warnings: [...warnings, ...(found.what ? [{ offset: dataStart, what: found.what }] : [])],
  };
}

/** Whether bytes without preamble begin as the first group of a file or of a data set does, in any encoding. */
function startsDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < FIRST_ELEMENT) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = [2, 8];
  if (lettersAt(bytes) !== '')
    return groups.includes(view.getUint16(0, true)) || groups.includes(view.getUint16(0, false));
  return groups.includes(view.getUint16(0, true)) && view.getUint32(4, true) <= bytes.length - FIRST_ELEMENT;
}

function lettersAt(bytes: Uint8Array): string {
  const letters = String.fromCharCode(...bytes.subarray(4, 6));
  return isVr(letters) ? letters : '';
}

/** The stated transfer syntax, or what the first element shows where it is missing or wrong. */
function settleSyntax(data: Uint8Array, uid: string | undefined): { syntax: TransferSyntax; what?: string } {
  const explicit = lettersAt(data) !== '';
  if (uid === undefined) {
    // Groups below 0x0100 read with the wrong byte order are 0x0400 or more.
    const big = explicit && (data[0] as number) + (data[1] as number) * 256 >= 0x400;
    const guess = big ? '1.2.840.10008.1.2.2' : explicit ? '1.2.840.10008.1.2.1' : '1.2.840.10008.1.2';
    return { syntax: transferSyntaxOf(guess), what: 'no transfer syntax is stated' };
  }
  const syntax = transferSyntaxOf(uid);
  if (syntax.deflated || data.length < FIRST_ELEMENT || syntax.encoding.explicit === explicit) return { syntax };
  if (!explicit && /^[A-Z]{2}$/.test(String.fromCharCode(...data.subarray(4, 6)))) return { syntax };
  const encoding = explicit ? (syntax.encoding === EXPLICIT_BIG ? EXPLICIT_BIG : EXPLICIT_LITTLE) : IMPLICIT_LITTLE;
  return {
    syntax: { ...syntax, encoding },
    what: `data set with${explicit ? '' : 'out'} VRs against its transfer syntax`,
  };
}
