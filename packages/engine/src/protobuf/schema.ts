/**
 * Schema tables of Protocol Buffers messages: which field number carries which property.
 *
 * `int` is a varint read as a number (int32, int64, uint32, bool, enum); `bigint` is the same, exact to 64 bits.
 * `bytes` are read as views into the file.
 * @source Protocol Buffers, encoding (https://protobuf.dev/programming-guides/encoding)
 */
export interface NumberField {
  readonly number: number;
  readonly kind: 'int' | 'float' | 'double';
}
export interface BigIntField {
  readonly number: number;
  readonly kind: 'bigint';
}
export interface StringField {
  readonly number: number;
  readonly kind: 'string';
}
export interface BytesField {
  readonly number: number;
  readonly kind: 'bytes';
}
export interface MessageField<M> {
  readonly number: number;
  readonly kind: 'message';
  /** A function, because messages may hold themselves. */
  readonly schema: () => Schema<M>;
}
export type Repeated<F> = F & { readonly repeated: true };

type SingleField<V> = V extends number
  ? NumberField
  : V extends bigint
    ? BigIntField
    : V extends string
      ? StringField
      : V extends Uint8Array
        ? BytesField
        : MessageField<V>;

/** One field for every property of `M`; repeated where the property is an array. */
export type Schema<M> = {
  readonly [K in keyof M]-?: NonNullable<M[K]> extends readonly (infer E)[]
    ? Repeated<SingleField<E>>
    : SingleField<NonNullable<M[K]>>;
};

/** Any field, as the codec meets it. */
export type AnyField = (NumberField | BigIntField | StringField | BytesField | MessageField<never>) & {
  readonly repeated?: true;
};

export const int = (number: number): NumberField => ({ number, kind: 'int' });
export const float = (number: number): NumberField => ({ number, kind: 'float' });
export const double = (number: number): NumberField => ({ number, kind: 'double' });
export const bigint = (number: number): BigIntField => ({ number, kind: 'bigint' });
export const string = (number: number): StringField => ({ number, kind: 'string' });
export const bytes = (number: number): BytesField => ({ number, kind: 'bytes' });
export const message = <M>(number: number, schema: () => Schema<M>): MessageField<M> => ({
  number,
  kind: 'message',
  schema,
});
export const repeated = <F>(field: F): Repeated<F> => ({ ...field, repeated: true });

/** Wire types of the encoding. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export const WIRE_TYPE = {
  int: WIRE.varint,
  bigint: WIRE.varint,
  float: WIRE.fixed32,
  double: WIRE.fixed64,
  string: WIRE.bytes,
  bytes: WIRE.bytes,
  message: WIRE.bytes,
} as const satisfies Record<AnyField['kind'], number>;
