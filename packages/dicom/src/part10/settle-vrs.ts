import type { Element } from '../data-set/element.ts';
import { privateVrs } from '../dictionary/private-tags.ts';
import { creatorTagOf, dictionaryVrs, isPrivate, isPrivateCreator } from '../dictionary/tags.ts';
import type { Vr } from '../dictionary/vr.ts';
import { numbers, strings } from '../values/read-values.ts';
import type { Encoding } from './encoding.ts';

const PIXEL_REPRESENTATION = 0x00280103;
const LUT_DESCRIPTOR = 0x00283002;

/** A data set while it is read. */
export interface Scope {
  readonly elements: Map<number, Element>;
  characterSets: readonly string[];
  readonly depth: number;
  readonly encoding: Encoding;
  /** Elements whose VR other elements decide. */
  readonly unsettled: { readonly element: Element; readonly vrs: string }[];
}

/** The VRs of an element that states none: the dictionary's, a creator's LO, a maker's, else UN: PS3.5 6.2.2, 7.8.1. */
export function vrsIn(scope: Scope, tag: number): string {
  if (isPrivate(tag)) {
    if (isPrivateCreator(tag)) return 'LO';
    const creator = (tag & 0xff00) === 0 ? undefined : scope.elements.get(creatorTagOf(tag));
    const name = creator === undefined ? undefined : strings(creator, [])[0];
    return (name === undefined ? undefined : privateVrs(tag, name)) ?? 'UN';
  }
  const vrs = dictionaryVrs(tag);
  if (vrs !== undefined && vrs !== '--') return vrs;
  // PS3.5 7.2: group lengths.
  return (tag & 0xffff) === 0 ? 'UL' : 'UN';
}

/**
 * Gives elements with several possible VRs the right one: PS3.6 6, note; PS3.5 A.1. What depends on the pixel
 * representation of an outer data set, which may come later, is left to that one.
 */
export function settleVrs(scope: Scope, parent: Scope | undefined): void {
  const own = scope.elements.get(PIXEL_REPRESENTATION);
  const signed = own === undefined ? undefined : numbers(own)[0] === 1;
  for (const unsettled of scope.unsettled) {
    const vr = settled(scope, unsettled.vrs, signed);
    if (vr === undefined && parent !== undefined) parent.unsettled.push(unsettled);
    else (unsettled.element as { vr: Vr }).vr = vr ?? 'US';
  }
}

function settled(scope: Scope, vrs: string, signed: boolean | undefined): Vr | undefined {
  if (vrs === 'US/SS') return signed === undefined ? undefined : signed ? 'SS' : 'US';
  if (vrs !== 'US/OW') return 'OW';
  // PS3.3 C.11.1.1.1: a table of one entry is a number.
  const descriptor = scope.elements.get(LUT_DESCRIPTOR);
  return descriptor !== undefined && littleNumber(descriptor) === 1 ? 'US' : 'OW';
}

/** The first number of a descriptor, whose own VR may not be settled yet. */
function littleNumber(element: Element): number {
  if (element.kind !== 'value' || element.bytes.length < 2) return 0;
  return (element.bytes[0] as number) + (element.bytes[1] as number) * 256;
}
