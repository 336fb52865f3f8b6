import { VesaliusError } from '@vesalius/errors';
import type { VoxelType } from '../voxel-type.ts';

/** The text part of a NRRD file, its values not yet understood. */
export interface NrrdHeader {
  /** Lower-case field names to values. */
  readonly fields: ReadonlyMap<string, string>;
  /** Where the data begin, after the blank line. */
  readonly dataStart: number;
}

const LONGEST_HEADER = 1 << 20;

/**
 * Splits the header of a NRRD file.
 *
 * @throws FILE_FORMAT when the magic is missing or a line is no field, FILE_TRUNCATED when no blank line ends it
 * @source teem.sourceforge.net/nrrd/format.html
 */
export function parseNrrdHeader(bytes: Uint8Array, file?: string): NrrdHeader {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST_HEADER));
  if (!/^NRRD000[1-5]\r?\n/.test(head))
    throw fail('FILE_FORMAT', { what: 'NRRD magic', expected: 'NRRD0001 to NRRD0005' }, file);
  const end = /\r?\n\r?\n/.exec(head);
  // A detached header may end with the file.
  const detached = /^data ?file:/im.test(head);
  if (end === null && !detached)
    throw fail('FILE_TRUNCATED', { what: 'NRRD header', expected: 'a blank line after it' }, file);
  const lines = head
    .slice(0, end?.index ?? head.length)
    .split(/\r?\n/)
    .slice(1);
  const fields = new Map<string, string>();
  for (const line of lines) {
    if (line === '' || line.startsWith('#') || line.includes(':=')) continue;
    const colon = line.indexOf(': ');
    if (colon < 1)
      throw fail(
        'FILE_FORMAT',
        { what: 'line of the NRRD header', got: line.slice(0, 40), expected: 'field: value' },
        file,
      );
    fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 2).trim());
  }
  return { fields, dataStart: end === null ? bytes.length : end.index + end[0].length };
}

/** A NRRD error that names the file where it is known. */
export function fail(
  code: 'FILE_FORMAT' | 'FILE_TRUNCATED' | 'FILE_UNSUPPORTED' | 'NOT_FINITE',
  details: { what: string; got?: unknown; expected?: unknown },
  file: string | undefined,
): VesaliusError {
  return new VesaliusError(code, file === undefined ? details : { ...details, file });
}

const TYPE_NAMES: readonly (readonly [VoxelType, string])[] = [
  ['int8', 'signed char|int8|int8_t'],
  ['uint8', 'uchar|unsigned char|uint8|uint8_t'],
  ['int16', 'short|short int|signed short|signed short int|int16|int16_t'],
  ['uint16', 'ushort|unsigned short|unsigned short int|uint16|uint16_t'],
  ['int32', 'int|signed int|int32|int32_t'],
  ['uint32', 'uint|unsigned int|uint32|uint32_t'],
  ['int64', 'longlong|long long|long long int|signed long long|signed long long int|int64|int64_t'],
  ['uint64', 'ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t'],
  ['float32', 'float'],
  ['float64', 'double'],
];

/** The element type a `type` field names, or undefined. */
export function nrrdType(name: string): VoxelType | undefined {
  return TYPE_NAMES.find(([, names]) => names.split('|').includes(name.toLowerCase()))?.[0];
}

/** The `type` field for an element type. */
export function nrrdTypeName(type: VoxelType): string {
  if (type === 'float32') return 'float';
  return type === 'float64' ? 'double' : type;
}
