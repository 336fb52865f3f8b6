import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { creatorTagOf, hexTag, isPrivate, isPrivateCreator, keywordOf, tagEntry } from '../dictionary/tags.ts';
import { uidEntry } from '../dictionary/uids.ts';
import { ruleOf } from '../dictionary/vr.ts';
import { createElement } from '../values/create-element.ts';
import { strings } from '../values/read-values.ts';
import { cleanText } from './clean-text.ts';
import { type Action, confidentialityRule, type TableOption } from './confidentiality-rule.ts';
import { dummyElement, emptyElement } from './dummy-element.ts';
import { Identities } from './identities.ts';
import { pixelWarnings } from './pixel-warnings.ts';
import { type DeidentifyPolicy, methodCodes, optionsOf } from './policy.ts';
import { daysFor, pseudonymFor, uidFor } from './project-key.ts';
import { shiftDate } from './shift-date.ts';

/** What was done to one attribute; never its value. */
export interface DeidentifyChange {
  /** Tags from the outermost sequence inwards, eight digits each, with dots between. */
  readonly path: string;
  readonly keyword: string;
  readonly action: 'removed' | 'emptied' | 'replaced' | 'cleaned' | 'moved in time' | 'new UID';
}

export interface Deidentified {
  readonly dataSet: DataSet;
  readonly changes: readonly DeidentifyChange[];
  /** What a person should look at before the data set is given away. */
  readonly warnings: readonly string[];
}

/** Classes and the like are no identities: PS3.5 chapter 9. */
const UID_OF_A_KIND =
  /(SOPClass|SOPClassesSupported|SOPClassesInStudy|TransferSyntax|CodingScheme|ContextGroup|MappingResource|Context)UIDs?$/;
const DATE_VRS = ['DA', 'DT', 'TM'];

/**
 * A data set without what tells who the patient is, by the basic profile of PS3.15 annex E and the options of the policy. The same key
 * gives the same pseudonym, UIDs and days each time. Private elements go unless the policy knows them as safe; attributes unknown to the
 * dictionary go; texts that would be kept go where a name or an identifier of the data set occurs in them.
 */
export async function deidentify(dataSet: DataSet, policy: DeidentifyPolicy): Promise<Deidentified> {
  const patient = patientOf(dataSet);
  const pseudonym = policy.pseudonym ?? (await pseudonymFor(policy.key, patient));
  const run = new Deidentification(policy, new Identities(dataSet), await daysFor(policy.key, patient));
  const cleaned = await run.dataSet(dataSet, '');
  const marked = cleaned
    .without('EncryptedAttributesSequence')
    .with(createElement('PatientName', pseudonym), createElement('PatientID', pseudonym), ...marks(policy));
  return { dataSet: marked, changes: run.changes, warnings: [...pixelWarnings(dataSet, policy)] };
}

/** Who a pseudonym stands for: the ID and its issuer, or what there is instead. */
function patientOf(dataSet: DataSet): string {
  const id = dataSet.string('PatientID');
  if (id !== undefined) return `id\0${id}\0${dataSet.string('IssuerOfPatientID') ?? ''}`;
  const name = dataSet.string('PatientName');
  if (name !== undefined) return `name\0${name}\0${dataSet.string('PatientBirthDate') ?? ''}`;
  return `study\0${dataSet.string('StudyInstanceUID') ?? ''}`;
}

function marks(policy: DeidentifyPolicy): Element[] {
  const codes = methodCodes(policy).map(
    ({ value, meaning }) =>
      new DataSet([
        createElement('CodeValue', value),
        createElement('CodingSchemeDesignator', 'DCM'),
        createElement('CodeMeaning', meaning),
      ]),
  );
  const times = policy.dates === 'keep' ? 'UNMODIFIED' : policy.dates === 'shift' ? 'MODIFIED' : 'REMOVED';
  return [
    createElement('PatientIdentityRemoved', 'YES'),
    createElement('DeidentificationMethod', 'Vesalius, PS3.15 annex E'),
    createElement('DeidentificationMethodCodeSequence', codes),
    createElement('LongitudinalTemporalInformationModified', times),
    ...(policy.blackOut?.length ? [createElement('BurnedInAnnotation', 'NO')] : []),
  ];
}

class Deidentification {
  readonly changes: DeidentifyChange[] = [];
  readonly #policy: DeidentifyPolicy;
  readonly #options: readonly TableOption[];
  readonly #identities: Identities;
  readonly #days: number;

  constructor(policy: DeidentifyPolicy, identities: Identities, days: number) {
    this.#policy = policy;
    this.#options = optionsOf(policy);
    this.#identities = identities;
    this.#days = days;
  }

  async dataSet(dataSet: DataSet, path: string): Promise<DataSet> {
    const kept: Element[] = [];
    for (const element of dataSet) {
      if ((element.tag & 0xffff) === 0) continue;
      const next = await this.#element(element, dataSet, path);
      if (next !== undefined) kept.push(next);
    }
    return new DataSet(kept, dataSet.characterSets);
  }

  async #element(element: Element, dataSet: DataSet, path: string): Promise<Element | undefined> {
    switch (this.#actionOn(element, dataSet)) {
      case 'X':
        return this.#note(element, path, 'removed');
      case 'Z':
        return this.#isEmpty(element) ? element : this.#note(element, path, 'emptied', emptyElement(element));
      case 'D':
        return this.#isEmpty(element) ? element : this.#note(element, path, 'replaced', dummyElement(element));
      case 'U':
        return this.#withNewUids(element, dataSet, path);
      case 'C':
        return this.#cleaned(element, dataSet, path);
      default:
        return this.#kept(element, dataSet, path);
    }
  }

  #actionOn(element: Element, dataSet: DataSet): Action {
    const { tag, vr } = element;
    if (isPrivate(tag)) return this.#isSafe(tag, dataSet) ? 'K' : 'X';
    // An overlay without its bitmap is none.
    if (tag >>> 24 === 0x60) return 'X';
    const entry = tagEntry(tag);
    if (entry === undefined) return 'X';
    const rule = confidentialityRule(tag);
    if (rule !== undefined) {
      const asked = this.#options.map((option) => rule.options[option]).filter((action) => action !== undefined);
      if (asked.length === 0) return rule.basic;
      return asked.includes('K') ? 'K' : 'C';
    }
    // What later editions add is no longer in the table's.
    if (vr === 'PN') return 'Z';
    if (DATE_VRS.includes(vr)) return this.#policy.dates === 'keep' ? 'K' : this.#policy.dates === 'shift' ? 'C' : 'Z';
    return vr === 'UI' && !UID_OF_A_KIND.test(entry.keyword) && !this.#policy.retainUids ? 'U' : 'K';
  }

  /** A creator stays where something of its own may. */
  #isSafe(tag: number, dataSet: DataSet): boolean {
    const creator = isPrivateCreator(tag) ? dataSet.string(tag) : dataSet.string(creatorTagOf(tag));
    const rule = this.#policy.safePrivate?.find((safe) => safe.creator === creator);
    if (rule === undefined) return false;
    if (isPrivateCreator(tag) || rule.elements === undefined) return true;
    return rule.elements.some(({ group, last }) => group === tag >>> 16 && last === (tag & 0xff));
  }

  #isEmpty(element: Element): boolean {
    return element.kind === 'value'
      ? element.bytes.length === 0
      : element.kind === 'sequence' && element.items.length === 0;
  }

  #note(element: Element, path: string, action: DeidentifyChange['action'], next?: Element): Element | undefined {
    this.changes.push({ path: path + hexTag(element.tag), keyword: keywordOf(element.tag), action });
    return next;
  }

  async #kept(element: Element, dataSet: DataSet, path: string): Promise<Element | undefined> {
    if (element.kind === 'sequence') return this.#items(element, path);
    // PS3.5 6.2.2: of an unknown value nobody can say what is in it.
    if (element.vr === 'UN' && isPrivate(element.tag)) return this.#note(element, path, 'removed');
    if (!this.#identities.occursInElement(element, dataSet.characterSets)) return element;
    return this.#note(element, path, 'emptied', emptyElement(element));
  }

  async #items({ tag, items }: Extract<Element, { kind: 'sequence' }>, path: string): Promise<Element> {
    const inner: DataSet[] = [];
    for (const item of items) inner.push(await this.dataSet(item, `${path}${hexTag(tag)}.`));
    return { kind: 'sequence', tag, vr: 'SQ', items: inner };
  }

  async #withNewUids(element: Element, dataSet: DataSet, path: string): Promise<Element | undefined> {
    if (element.kind === 'sequence') return this.#items(element, path);
    if (element.vr !== 'UI') return this.#note(element, path, 'removed');
    const uids = strings(element, dataSet.characterSets);
    const mapped = await Promise.all(uids.map((uid) => this.#newUid(uid)));
    if (mapped.every((uid, i) => uid === uids[i])) return element;
    return this.#note(element, path, 'new UID', createElement(element.tag, mapped));
  }

  /** Well-known ones name nobody. */
  async #newUid(uid: string): Promise<string> {
    return uid === '' || uidEntry(uid) !== undefined ? uid : uidFor(this.#policy.key, uid);
  }

  async #cleaned(element: Element, dataSet: DataSet, path: string): Promise<Element | undefined> {
    if (element.kind === 'sequence') return this.#items(element, path);
    if (element.vr === 'TM') return element;
    const texts = strings(element, dataSet.characterSets);
    if (DATE_VRS.includes(element.vr)) return this.#moved(element, texts, path);
    if (ruleOf(element.vr).kind !== 'text') return this.#note(element, path, 'removed');
    const clean = texts.map((text) => cleanText(text, this.#identities.hidesWord, this.#policy.words));
    return this.#note(element, path, 'cleaned', createElement(element.tag, clean, { vr: element.vr, check: false }));
  }

  #moved(element: Element, texts: readonly string[], path: string): Element | undefined {
    if (this.#policy.dates !== 'shift') return this.#note(element, path, 'emptied', emptyElement(element));
    const moved = texts.map((text) => shiftDate(text, this.#days) ?? '');
    return this.#note(
      element,
      path,
      'moved in time',
      createElement(element.tag, moved, { vr: element.vr, check: false }),
    );
  }
}
