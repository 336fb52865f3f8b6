import { type ErrorCode, type ErrorDetails, VesaliusError } from '@vesalius/errors';

/** Pixels as a file stores them, row by row from the top left, the samples of a pixel side by side. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and opacity, 3 red, green, blue, 4 with opacity. */
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
  /** Of grey samples: 1 to 16. */
  readonly bits: number;
  /** Red, green, blue of each number where the one channel holds numbers of colours. */
  readonly palette?: Uint8Array;
}

export function pictureError(code: ErrorCode, details: ErrorDetails, file: string | undefined): VesaliusError {
  return new VesaliusError(code, file === undefined ? details : { ...details, file });
}
