import type { Element } from '../data-set/element.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';
import { createElement, type ElementInput } from '../values/create-element.ts';

const DUMMIES: Partial<Record<Vr, ElementInput>> = {
  AE: 'ANONYMIZED',
  AS: '000Y',
  CS: 'ANONYMIZED',
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  IS: '0',
  TM: '000000',
  UR: 'urn:anonymized',
};

/** A value in the place of another that says nothing. */
export function dummyElement({ tag, vr }: Pick<Element, 'tag' | 'vr'>): Element {
  return createElement(tag, DUMMIES[vr] ?? ofKind(vr), { vr });
}

function ofKind(vr: Vr): ElementInput {
  const { kind, unit } = ruleOf(vr);
  if (kind === 'text' || kind === 'name') return 'Anonymized';
  if (kind === 'bytes') return new Uint8Array(Math.max(2, unit));
  if (kind === 'items') return [];
  return kind === 'bigint' ? 0n : kind === 'number' || kind === 'tag' ? 0 : null;
}

export function emptyElement({ tag, vr }: Pick<Element, 'tag' | 'vr'>): Element {
  return createElement(tag, vr === 'SQ' ? [] : null, { vr });
}
