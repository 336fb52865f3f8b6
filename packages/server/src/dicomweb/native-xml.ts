import { type DicomJson, type JsonElement, type JsonName, type JsonValue, keywordOf } from '@vesalius/dicom';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const PARTS = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'];

/** A data set in the native DICOM model: PS3.19 annex A.1. */
export function nativeXml(dataSet: DicomJson): Buffer {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const model = `<NativeDicomModel xml:space="preserve">${attributes(dataSet)}</NativeDicomModel>`;
  return Buffer.from(head + model);
}

function attributes(dataSet: DicomJson): string {
  return Object.entries(dataSet)
    .map(([tag, element]) => attribute(tag, element, dataSet))
    .join('');
}

function attribute(tag: string, element: JsonElement, dataSet: DicomJson): string {
  const keyword = keywordOf(Number.parseInt(tag, 16));
  const creator = privateCreator(tag, dataSet);
  // PS3.19 A.1.5.2: a private element is named without its block.
  const name = creator === undefined ? tag : `${tag.slice(0, 4)}00${tag.slice(6)}`;
  const about = [
    `tag="${name}" vr="${escaped(element.vr)}"`,
    ...(keyword ? [`keyword="${keyword}"`] : []),
    ...(creator === undefined ? [] : [`privateCreator="${escaped(creator)}"`]),
  ];
  return `<DicomAttribute ${about.join(' ')}>${content(element)}</DicomAttribute>`;
}

function privateCreator(tag: string, dataSet: DicomJson): string | undefined {
  const isOdd = (Number.parseInt(tag.slice(3, 4), 16) & 1) === 1;
  const creator = isOdd ? dataSet[`${tag.slice(0, 4)}00${tag.slice(4, 6)}`]?.Value?.[0] : undefined;
  return typeof creator === 'string' ? creator : undefined;
}

function content({ vr, Value, InlineBinary, BulkDataURI }: JsonElement): string {
  if (BulkDataURI !== undefined) return `<BulkData uri="${escaped(BulkDataURI)}"/>`;
  if (InlineBinary !== undefined) return `<InlineBinary>${InlineBinary}</InlineBinary>`;
  return (Value ?? []).map((value, i) => numbered(vr, value, i + 1)).join('');
}

function numbered(vr: string, value: JsonValue, number: number): string {
  if (vr === 'SQ') return `<Item number="${number}">${attributes((value ?? {}) as DicomJson)}</Item>`;
  if (vr === 'PN') return `<PersonName number="${number}">${personName(value)}</PersonName>`;
  return value === null ? '' : `<Value number="${number}">${escaped(String(value))}</Value>`;
}

function personName(value: JsonValue): string {
  const name = (typeof value === 'object' && value !== null ? value : {}) as JsonName;
  return GROUPS.map((group) => {
    const parts = (name[group] ?? '')
      .split('^')
      .map((part, i) => (part ? `<${PARTS[i]}>${escaped(part)}</${PARTS[i]}>` : ''));
    const inner = parts.slice(0, PARTS.length).join('');
    return inner ? `<${group}>${inner}</${group}>` : '';
  }).join('');
}

/** Characters that XML 1.0 cannot hold become the replacement character. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 cannot hold.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter)
  );
}
