import { crc32c } from '../binary/crc.ts';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/** Bytes around the data of a record. */
const RECORD_OVERHEAD = LENGTH_BYTES + 2 * CRC_BYTES;

/** CRC-32C, rotated and shifted so that a checksum over data that holds checksums stays good. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * Frames data as one TFRecord: length, checksum of the length, data, checksum of the data.
 * @source TensorFlow, TFRecord format
 */
export function frameRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_OVERHEAD + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(record.subarray(0, LENGTH_BYTES)), true);
  record.set(data, LENGTH_BYTES + CRC_BYTES);
  view.setUint32(LENGTH_BYTES + CRC_BYTES + data.length, maskedCrc32c(data), true);
  return record;
}

/** What stands at a place in a file of records. */
export type RecordAt =
  | { readonly state: 'whole'; readonly data: Uint8Array; readonly next: number }
  | { readonly state: 'unfinished' }
  | { readonly state: 'damaged' };

/** The record that starts at byte `at`; unfinished where the file ends inside it. */
export function recordAt(bytes: Uint8Array, at: number): RecordAt {
  const dataAt = at + LENGTH_BYTES + CRC_BYTES;
  if (dataAt > bytes.length) return { state: 'unfinished' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(at + LENGTH_BYTES, true) !== maskedCrc32c(bytes.subarray(at, at + LENGTH_BYTES)))
    return { state: 'damaged' };
  const end = dataAt + Number(view.getBigUint64(at, true));
  if (end + CRC_BYTES > bytes.length) return { state: 'unfinished' };
  const data = bytes.subarray(dataAt, end);
  if (view.getUint32(end, true) !== maskedCrc32c(data)) return { state: 'damaged' };
  return { state: 'whole', data, next: end + CRC_BYTES };
}
