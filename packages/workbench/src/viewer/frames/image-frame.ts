/** A frame as values: after the modality transform, or colours. */
export interface ImageFrame {
  readonly columns: number;
  readonly rows: number;
  /** Of a colour red, green, blue, opaque, a byte each. */
  readonly values: Int16Array | Float32Array | Uint8ClampedArray;
  readonly isColor: boolean;
}
