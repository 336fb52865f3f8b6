import { ATTRIBUTE_TYPE, type AttributeProto, onnxTypeName } from '@vesalius/engine/onnx-file';

const MOST_VALUES = 64;
const MOST_TEXT = 2000;

/** What an attribute says, in words; attributes of a kind that is not known are named as such. */
export function attributeText(proto: AttributeProto): string {
  if (proto.refAttrName) return `@${proto.refAttrName}`;
  switch (proto.type ?? kindOf(proto)) {
    case ATTRIBUTE_TYPE.float:
      return number(proto.f ?? 0);
    case ATTRIBUTE_TYPE.int:
      return String(proto.i ?? 0);
    case ATTRIBUTE_TYPE.string:
      return text(proto.s);
    case ATTRIBUTE_TYPE.tensor:
      return `${onnxTypeName(proto.t?.dataType ?? 0) ?? '?'} [${(proto.t?.dims ?? []).join(', ')}]`;
    case ATTRIBUTE_TYPE.graph:
      return `graph ${proto.g?.name ?? ''}`.trim();
    case ATTRIBUTE_TYPE.floats:
      return list((proto.floats ?? []).map(number));
    case ATTRIBUTE_TYPE.ints:
      return list((proto.ints ?? []).map(String));
    case ATTRIBUTE_TYPE.strings:
      return list((proto.strings ?? []).map(text));
    default:
      return `kind ${proto.type ?? 0}`;
  }
}

/** Files of the first version of the format do not say which kind an attribute is. */
function kindOf(proto: AttributeProto): number {
  if (proto.ints) return ATTRIBUTE_TYPE.ints;
  if (proto.floats) return ATTRIBUTE_TYPE.floats;
  if (proto.strings) return ATTRIBUTE_TYPE.strings;
  if (proto.s) return ATTRIBUTE_TYPE.string;
  if (proto.t) return ATTRIBUTE_TYPE.tensor;
  if (proto.g) return ATTRIBUTE_TYPE.graph;
  return proto.f === undefined ? ATTRIBUTE_TYPE.int : ATTRIBUTE_TYPE.float;
}

function number(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** Bytes that are not UTF-8 show as replacement characters. */
function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes?.subarray(0, MOST_TEXT));
}

function list(values: readonly string[]): string {
  const shown = values.slice(0, MOST_VALUES).join(', ');
  return values.length > MOST_VALUES ? `[${shown}, … ${values.length}]` : `[${shown}]`;
}
