import type { Vr } from '../dictionary/vr.ts';

interface NumberRule {
  readonly bytes: number;
  /** Least and most, both allowed; any number without them. */
  readonly range?: readonly [bigint, bigint];
  readonly set: (view: DataView, at: number, value: number | bigint) => void;
}

const signed = (bits: bigint): readonly [bigint, bigint] => [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
const unsigned = (bits: bigint): readonly [bigint, bigint] => [0n, (1n << bits) - 1n];

const RULES: Partial<Record<Vr, NumberRule>> = {
  AT: {
    bytes: 4,
    range: unsigned(32n),
    set: (view, at, value) => {
      view.setUint16(at, Number(value) >>> 16, true);
      view.setUint16(at + 2, Number(value) & 0xffff, true);
    },
  },
  FD: { bytes: 8, set: (view, at, value) => view.setFloat64(at, Number(value), true) },
  FL: { bytes: 4, set: (view, at, value) => view.setFloat32(at, Number(value), true) },
  SL: { bytes: 4, range: signed(32n), set: (view, at, value) => view.setInt32(at, Number(value), true) },
  SS: { bytes: 2, range: signed(16n), set: (view, at, value) => view.setInt16(at, Number(value), true) },
  SV: { bytes: 8, range: signed(64n), set: (view, at, value) => view.setBigInt64(at, BigInt(value), true) },
  UL: { bytes: 4, range: unsigned(32n), set: (view, at, value) => view.setUint32(at, Number(value), true) },
  US: { bytes: 2, range: unsigned(16n), set: (view, at, value) => view.setUint16(at, Number(value), true) },
  UV: { bytes: 8, range: unsigned(64n), set: (view, at, value) => view.setBigUint64(at, BigInt(value), true) },
};

/** Numbers of a binary VR, little endian; nothing when one of them is out of range or none. */
export function numberBytes(vr: Vr, values: readonly unknown[]): Uint8Array | undefined {
  const rule = RULES[vr];
  if (rule === undefined || !values.every((value) => fits(rule, value))) return undefined;
  const bytes = new Uint8Array(values.length * rule.bytes);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) rule.set(view, i * rule.bytes, value as number | bigint);
  return bytes;
}

function fits({ range }: NumberRule, value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  if (range === undefined) return true;
  if (typeof value === 'number' && !Number.isInteger(value)) return false;
  return BigInt(value) >= range[0] && BigInt(value) <= range[1];
}
