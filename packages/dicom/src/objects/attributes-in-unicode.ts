import { UNICODE } from '../character-sets/encode-text.ts';
import { CHARACTER_SET_TAG, DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import type { TagName } from '../dictionary/tags.ts';
import { ruleOf } from '../dictionary/vr.ts';
import { createElement } from '../values/create-element.ts';
import { strings } from '../values/read-values.ts';

/** The elements of these names that a data set has, for one whose text is UTF-8. */
export function attributesInUnicode(dataSet: DataSet, names: readonly TagName[]): Element[] {
  return names.flatMap((name) => {
    const element = dataSet.get(name);
    return element === undefined ? [] : [inUnicode(element, dataSet.characterSets)];
  });
}

function inUnicode(element: Element, characterSets: readonly string[]): Element {
  const { kind: storedAs } = ruleOf(element.vr);
  if (element.kind === 'sequence') {
    const items = element.items.map((item) => {
      const own = [...item].filter(({ tag }) => tag !== CHARACTER_SET_TAG);
      return new DataSet(
        own.map((one) => inUnicode(one, item.characterSets)),
        [UNICODE],
      );
    });
    return { kind: 'sequence', tag: element.tag, vr: 'SQ', items };
  }
  if (storedAs !== 'text' && storedAs !== 'name') return element;
  const { tag, vr } = element;
  return createElement(tag, [...strings(element, characterSets)], { vr, characterSets: [UNICODE], check: false });
}
