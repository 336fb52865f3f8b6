import { UNICODE } from '../character-sets/encode-text.ts';
import { CHARACTER_SET_TAG, DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { type TagName, tagEntry } from '../dictionary/tags.ts';
import { ruleOf } from '../dictionary/vr.ts';
import { createElement } from '../values/create-element.ts';
import { parseDate, parseTime, showDate, showTime } from '../values/dates.ts';
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
  if (element.vr === 'DA' || element.vr === 'TM') return inTodaysForm(element);
  if (storedAs !== 'text' && storedAs !== 'name') return element;
  const { tag } = element;
  // Some writers choose another VR for text than the dictionary's.
  const vr = tagEntry(tag)?.vrs[0] ?? element.vr;
  return createElement(tag, [...strings(element, characterSets)], { vr, characterSets: [UNICODE], check: false });
}

/** Dates and times of before 1993 (`1992.12.31`, `23:59`) are written as they are today; what is neither stays. */
function inTodaysForm(element: Element): Element {
  const { tag, vr } = element;
  const texts = strings(element, []).map((text) => {
    const date = vr === 'DA' ? parseDate(text) : undefined;
    const time = vr === 'TM' ? parseTime(text) : undefined;
    return date ? showDate(date) : time ? showTime(time) : text;
  });
  return createElement(tag, texts, { vr, check: false });
}
