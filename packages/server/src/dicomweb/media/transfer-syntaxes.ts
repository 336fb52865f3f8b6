export const EXPLICIT_LITTLE_UID = '1.2.840.10008.1.2.1';
export const IMPLICIT_LITTLE_UID = '1.2.840.10008.1.2';
const JPEG_FAMILY = '1.2.840.10008.1.2.4.';
const RLE = '1.2.840.10008.1.2.5';

interface FrameSyntax {
  readonly type: string;
  readonly decodes?: boolean;
  /** `lossy` ones are made only for who names them. */
  readonly encodes?: 'lossless' | 'lossy';
}

const jpeg = { type: 'image/jpeg', decodes: true };

/**
 * The media type of a compressed frame, and what the codecs here can do with it: PS3.18 8.7.3.3.2. Where several transfer syntaxes share a
 * media type, the first that encodes is made for a client who names none.
 */
const FRAME_SYNTAXES: Readonly<Record<string, FrameSyntax>> = {
  [`${JPEG_FAMILY}70`]: { ...jpeg, encodes: 'lossless' },
  [`${JPEG_FAMILY}57`]: { ...jpeg, encodes: 'lossless' },
  [`${JPEG_FAMILY}50`]: { ...jpeg, encodes: 'lossy' },
  [`${JPEG_FAMILY}51`]: jpeg,
  [`${JPEG_FAMILY}53`]: jpeg,
  [`${JPEG_FAMILY}55`]: jpeg,
  [`${JPEG_FAMILY}80`]: { type: 'image/jls', decodes: true, encodes: 'lossless' },
  [`${JPEG_FAMILY}81`]: { type: 'image/jls', decodes: true },
  [`${JPEG_FAMILY}90`]: { type: 'image/jp2', decodes: true, encodes: 'lossless' },
  [`${JPEG_FAMILY}91`]: { type: 'image/jp2', decodes: true },
  [`${JPEG_FAMILY}92`]: { type: 'image/jpx' },
  [`${JPEG_FAMILY}93`]: { type: 'image/jpx' },
  [`${JPEG_FAMILY}201`]: { type: 'image/jphc', decodes: true, encodes: 'lossless' },
  [`${JPEG_FAMILY}202`]: { type: 'image/jphc', decodes: true },
  [`${JPEG_FAMILY}203`]: { type: 'image/jphc', decodes: true },
  [`${JPEG_FAMILY}100`]: { type: 'video/mpeg' },
  [`${JPEG_FAMILY}101`]: { type: 'video/mpeg' },
  [`${JPEG_FAMILY}102`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}103`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}104`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}105`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}106`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}107`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}108`]: { type: 'video/mp4' },
  [`${JPEG_FAMILY}110`]: { type: 'image/jxl' },
  [`${JPEG_FAMILY}111`]: { type: 'image/jxl' },
  [`${JPEG_FAMILY}112`]: { type: 'image/jxl' },
  [RLE]: { type: 'image/dicom-rle', decodes: true, encodes: 'lossless' },
  '1.2.840.10008.1.2.1.98': { type: 'application/octet-stream', decodes: true },
  '1.2.840.10008.1.2.8.1': { type: 'application/octet-stream', decodes: true },
};

/** The media type of a frame that is stored in a transfer syntax. */
export function frameMediaType(uid: string): string {
  return FRAME_SYNTAXES[uid]?.type ?? 'application/octet-stream';
}

export function canDecode(uid: string): boolean {
  return FRAME_SYNTAXES[uid]?.decodes === true;
}

/** What frames can be compressed into, those without loss first. */
export function encodable(loss: 'lossless' | 'lossy'): readonly string[] {
  return Object.keys(FRAME_SYNTAXES).filter((uid) => FRAME_SYNTAXES[uid]?.encodes === loss);
}

export function isRle(uid: string): boolean {
  return uid === RLE;
}
