import {
  decompress,
  type Encoding,
  encodeDataSet,
  type RandomAccess,
  readDicom,
  readFileHead,
  type TransferSyntax,
  transferSyntaxOf,
} from '@vesalius/dicom';
import {
  type DataSetBytes,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type SendableInstance,
} from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { Archive, InstanceRecord } from '../store/archive.ts';

/** Up to here a file is read at once; longer ones flow. */
const READ_AT_ONCE = 1 << 20;
/** A file that has to be written in another transfer syntax is held in memory. */
const MOST_TRANSCODED = 1 << 29;
const FIRST_READ = 1 << 12;
const NATIVE = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

/** What is stored, to be sent as it is, or native to a peer that takes nothing else. */
export function sendable(record: InstanceRecord, archive: Archive, onOpen: () => void): SendableInstance {
  const { transferSyntaxUid: stored, sopClassUid, sopInstanceUid } = record;
  const canTranscode = record.sizeBytes <= MOST_TRANSCODED;
  return {
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUids: canTranscode ? [...new Set([stored, ...NATIVE])] : [stored],
    open: async (uid) => {
      onOpen();
      return uid === stored ? storedDataSet(record, archive) : transcoded(archive.open(record), transferSyntaxOf(uid));
    },
  };
}

async function storedDataSet(record: InstanceRecord, archive: Archive): Promise<DataSetBytes> {
  const source = archive.open(record);
  const stated = transferSyntaxOf(record.transferSyntaxUid);
  const { dataStart, found, bytes } = await headOf(source);
  // A file that breaks its word would break it towards the peer too.
  if (!isSame(found, stated.encoding)) return transcoded(source, stated);
  return bytes === undefined ? from(archive.stream(record), dataStart) : bytes.subarray(dataStart);
}

interface Head {
  readonly dataStart: number;
  readonly found: Encoding;
  /** The whole file, where it is short. */
  readonly bytes?: Uint8Array;
}

async function headOf(source: RandomAccess): Promise<Head> {
  for (let length = source.size <= READ_AT_ONCE ? READ_AT_ONCE : FIRST_READ; ; length *= 4) {
    const bytes = new Uint8Array(await source.slice(0, Math.min(length, source.size)).arrayBuffer());
    const isWhole = bytes.length >= source.size;
    try {
      const { dataStart, transferSyntax } = readFileHead(bytes, { partial: !isWhole });
      return { dataStart, found: transferSyntax.encoding, ...(isWhole ? { bytes } : {}) };
    } catch (error) {
      if (isWhole || !(error instanceof VesaliusError) || error.code !== 'FILE_TRUNCATED') throw error;
    }
  }
}

function isSame(a: Encoding, b: Encoding): boolean {
  return a.explicit === b.explicit && a.littleEndian === b.littleEndian;
}

async function* from(file: AsyncIterable<Uint8Array>, start: number): AsyncGenerator<Uint8Array> {
  let skip = start;
  for await (const chunk of file) {
    if (skip < chunk.length) yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

/** Compressed pixels are decoded where they must be; values stay what they are. */
async function transcoded(source: RandomAccess, { encoding, encapsulated }: TransferSyntax): Promise<Uint8Array> {
  const file = await readDicom(new Uint8Array(await source.slice(0, source.size).arrayBuffer()));
  return encodeDataSet(encapsulated ? file.dataSet : await decompress(file), encoding);
}
