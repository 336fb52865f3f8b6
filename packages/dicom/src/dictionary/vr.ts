/** How values of a VR are stored: `tag` is AT, `text` follows the character set, `ascii` never does. */
export type VrKind = 'ascii' | 'text' | 'name' | 'number' | 'bigint' | 'tag' | 'bytes' | 'items';

export interface VrRule {
  readonly kind: VrKind;
  /** Bytes that change places with the byte order. */
  readonly unit: 1 | 2 | 4 | 8;
  /** The explicit length takes 4 bytes after 2 reserved ones: PS3.5 7.1.2. */
  readonly long: boolean;
  /** A backslash parts values; false where it is a character of the one value: PS3.5 6.4. */
  readonly several: boolean;
}

const rule = (kind: VrKind, unit: VrRule['unit'] = 1, long = false, several = true): VrRule => ({
  kind,
  unit,
  long,
  several,
});

/** The value representations of PS3.5 table 6.2-1. */
export const VR_RULES = {
  AE: rule('ascii'),
  AS: rule('ascii'),
  AT: rule('tag', 2),
  CS: rule('ascii'),
  DA: rule('ascii'),
  DS: rule('ascii'),
  DT: rule('ascii'),
  FD: rule('number', 8),
  FL: rule('number', 4),
  IS: rule('ascii'),
  LO: rule('text'),
  LT: rule('text', 1, false, false),
  OB: rule('bytes', 1, true),
  OD: rule('bytes', 8, true),
  OF: rule('bytes', 4, true),
  OL: rule('bytes', 4, true),
  OV: rule('bytes', 8, true),
  OW: rule('bytes', 2, true),
  PN: rule('name'),
  SH: rule('text'),
  SL: rule('number', 4),
  SQ: rule('items', 1, true),
  SS: rule('number', 2),
  ST: rule('text', 1, false, false),
  SV: rule('bigint', 8, true),
  TM: rule('ascii'),
  UC: rule('text', 1, true),
  UI: rule('ascii'),
  UL: rule('number', 4),
  UN: rule('bytes', 1, true),
  UR: rule('ascii', 1, true, false),
  US: rule('number', 2),
  UT: rule('text', 1, true, false),
  UV: rule('bigint', 8, true),
} as const satisfies Record<string, VrRule>;

export type Vr = keyof typeof VR_RULES;

export function isVr(text: string): text is Vr {
  return Object.hasOwn(VR_RULES, text);
}

/** The rule of a VR, widened. */
export function ruleOf(vr: Vr): VrRule {
  return VR_RULES[vr];
}
