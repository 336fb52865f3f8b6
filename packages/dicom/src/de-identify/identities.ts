import type { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { keywordOf } from '../dictionary/tags.ts';
import { ruleOf } from '../dictionary/vr.ts';
import { strings } from '../values/read-values.ts';

/** Attributes whose whole value names somebody, besides the parts of person names. */
const IDENTIFIERS =
  /^(PatientID|OtherPatientIDs|AccessionNumber|.*(SubjectID|SubjectReadingID)|.*TelephoneNumbers?|PatientAddress|MedicalRecordLocator|AdmissionID|IssuerOfPatientID|InstitutionName|InstitutionAddress|MilitaryRank|PatientBirthDate|StationName|PlacerOrderNumber.*|FillerOrderNumber.*|RequestedProcedureID|ScheduledProcedureStepID|PerformedProcedureStepID)$/;
const LEAST_LETTERS = 3;
const LEAST_CHARACTERS = 4;

/** What names somebody in a data set, to be found again in texts that would be kept. */
export class Identities {
  readonly #words = new Set<string>();
  readonly #values = new Set<string>();

  constructor(dataSet: DataSet) {
    this.#collect(dataSet);
  }

  #collect(dataSet: DataSet): void {
    for (const element of dataSet) {
      if (element.kind === 'sequence') for (const item of element.items) this.#collect(item);
      else this.#enter(element, strings(element, dataSet.characterSets));
    }
  }

  #enter({ tag, vr }: Element, values: readonly string[]): void {
    if (vr === 'PN') for (const value of values) this.#enterName(value);
    else if (IDENTIFIERS.test(keywordOf(tag))) {
      for (const value of values) if (value.length >= LEAST_CHARACTERS) this.#values.add(value.toLowerCase());
    }
  }

  #enterName(name: string): void {
    for (const word of wordsOf(name)) if (word.length >= LEAST_LETTERS || isIdeographic(word)) this.#words.add(word);
  }

  /** True for a word of a name. */
  hidesWord = (word: string): boolean => this.#words.has(word.toLowerCase());

  /** True when a text has a word of a name or an identifier in it. */
  occursIn(text: string): boolean {
    const lower = text.toLowerCase();
    for (const value of this.#values) if (lower.includes(value)) return true;
    return (
      wordsOf(lower).some((word) => this.#words.has(word)) ||
      [...this.#words].some((w) => isIdeographic(w) && lower.includes(w))
    );
  }

  /** True when an element that would be kept is a text with an identity in it. */
  occursInElement(element: Element, characterSets: readonly string[]): boolean {
    if (element.kind !== 'value' || !['text', 'ascii'].includes(ruleOf(element.vr).kind)) return false;
    const texts = strings(element, characterSets);
    // A code word may be a word of a name by chance; the identifiers in it are parts of file names.
    if (element.vr === 'CS') return texts.some((text) => this.#values.has(text.toLowerCase()));
    return texts.some((text) => this.occursIn(text));
  }
}

/** Letters of any script in a row. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function isIdeographic(word: string): boolean {
  return /[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}\p{Script=Hiragana}]/u.test(word);
}
