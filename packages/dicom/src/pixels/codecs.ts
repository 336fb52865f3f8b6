import { VesaliusError } from '@vesalius/errors';
import type { Context, NativeCodecs } from 'dcmjs-codecs';
import type { PixelLayout } from './pixel-layout.ts';

type Library = { readonly NativeCodecs: typeof NativeCodecs; readonly Context: typeof Context };
type Codec = 'Jpeg' | 'JpegLs' | 'Jpeg2000' | 'HtJpeg2000';

/** Ends of the UIDs under 1.2.840.10008.1.2.4: PS3.5 A.4.1 to A.4.4, A.4.11. */
const CODECS: Readonly<Record<string, Codec>> = {
  '50': 'Jpeg',
  '51': 'Jpeg',
  '53': 'Jpeg',
  '55': 'Jpeg',
  '57': 'Jpeg',
  '70': 'Jpeg',
  '80': 'JpegLs',
  '81': 'JpegLs',
  '90': 'Jpeg2000',
  '91': 'Jpeg2000',
  '201': 'HtJpeg2000',
  '202': 'HtJpeg2000',
  '203': 'HtJpeg2000',
};

let loaded: Promise<Library> | undefined;

/** The codecs are 4 MB of WebAssembly: loaded when a first frame needs them. */
function load(): Promise<Library> {
  loaded ??= import('dcmjs-codecs').then(async (module) => {
    const library = ((module as { default?: unknown }).default ?? module) as Library;
    await library.NativeCodecs.initializeAsync();
    return library;
  });
  return loaded;
}

function codecOf(uid: string, what: string): Codec {
  const codec = CODECS[uid.replace('1.2.840.10008.1.2.4.', '')];
  if (codec !== undefined) return codec;
  throw new VesaliusError('FILE_UNSUPPORTED', { what, got: uid });
}

function contextOf({ Context }: Library, layout: PixelLayout, buffers: object): Context {
  return new Context({
    width: layout.columns,
    height: layout.rows,
    bitsAllocated: layout.bitsAllocated,
    bitsStored: layout.bitsStored,
    samplesPerPixel: layout.samplesPerPixel,
    pixelRepresentation: layout.signed ? 1 : 0,
    planarConfiguration: layout.planar ? 1 : 0,
    photometricInterpretation: layout.photometric,
    ...buffers,
  });
}

/** What a codec made of a frame. */
export interface DecodedFrame {
  /** Little-endian samples. */
  readonly bytes: Uint8Array;
  readonly planar: boolean;
  readonly bitsAllocated: number;
  readonly photometric: string;
}

/**
 * Decodes a compressed frame, colours as they are stored.
 *
 * @throws FILE_UNSUPPORTED for a transfer syntax without codec, FILE_FORMAT when the frame is damaged
 */
export async function decodeCompressed(frame: Uint8Array, uid: string, layout: PixelLayout): Promise<DecodedFrame> {
  const codec = codecOf(uid, 'transfer syntax to decode');
  const library = await load();
  try {
    const context = contextOf(library, layout, { encodedBuffer: frame.slice() });
    const decoded = library.NativeCodecs[`decode${codec}`](context, { convertColorspaceToRgb: false });
    return {
      bytes: (decoded.getDecodedBuffer() ?? new Uint8Array(0)).slice(),
      planar: layout.samplesPerPixel > 1 && decoded.getPlanarConfiguration() === 1,
      bitsAllocated: decoded.getBitsAllocated() ?? layout.bitsAllocated,
      photometric: decoded.getPhotometricInterpretation() ?? layout.photometric,
    };
  } catch (cause) {
    throw new VesaliusError('FILE_FORMAT', {
      what: `frame compressed as ${uid}`,
      got: 'data that its codec refuses',
      cause,
    });
  }
}

export interface EncodeOptions {
  /** Only where the transfer syntax allows it. */
  readonly lossy?: boolean;
}

/**
 * Compresses a frame of little-endian samples, pixel by pixel.
 *
 * @throws FILE_UNSUPPORTED for a transfer syntax without codec, and for colours deeper than 8 bits in JPEG 2000, which
 * would not come back as they were
 */
export async function encodeCompressed(
  samples: Uint8Array,
  uid: string,
  layout: PixelLayout,
  { lossy = false }: EncodeOptions = {},
): Promise<{ bytes: Uint8Array; photometric: string }> {
  const codec = codecOf(uid, 'transfer syntax to encode');
  if (codec.endsWith('Jpeg2000') && layout.samplesPerPixel > 1 && layout.bitsAllocated > 8) {
    throw new VesaliusError('FILE_UNSUPPORTED', {
      what: 'colour deeper than 8 bits in JPEG 2000',
      got: `${layout.bitsAllocated} bits`,
    });
  }
  const library = await load();
  try {
    const context = contextOf(library, { ...layout, planar: false }, { decodedBuffer: samples.slice() });
    const encoded = library.NativeCodecs[`encode${codec}`](context, { lossy });
    const bytes = (encoded.getEncodedBuffer() ?? new Uint8Array(0)).slice();
    return { bytes, photometric: encoded.getPhotometricInterpretation() ?? layout.photometric };
  } catch (cause) {
    throw new VesaliusError('FILE_UNSUPPORTED', { what: `frame to compress as ${uid}`, cause });
  }
}
