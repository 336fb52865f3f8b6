import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { DicomJson } from '@vesalius/dicom';

const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A data set as it lies in the index. */
export function packJson(dataSet: DicomJson): Uint8Array {
  return zstdCompressSync(JSON.stringify(dataSet), FASTEST);
}

export function unpackJson(bytes: Uint8Array): DicomJson {
  return JSON.parse(zstdDecompressSync(bytes).toString()) as DicomJson;
}
