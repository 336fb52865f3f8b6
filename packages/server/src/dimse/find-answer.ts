import {
  createElement,
  type DataSet,
  type DicomJson,
  type Element,
  encodeDataSet,
  fromJson,
  hexTag,
  transferSyntaxOf,
} from '@vesalius/dicom';
import type { Identifier } from './identifier.ts';
import { inCharacterSet } from './in-character-set.ts';

export interface AnswerOptions {
  readonly identifier: Identifier;
  readonly aeTitle: string;
  readonly transferSyntaxUid: string;
}

/**
 * One answer of a C-FIND: what was asked for, empty where there is nothing; in the character set of the query where it holds the
 * text, else in Unicode.
 *
 * @source PS3.4 C.4.1.1.3.2
 */
export async function findAnswer(
  match: DicomJson,
  { identifier, aeTitle, transferSyntaxUid }: AnswerOptions,
): Promise<Uint8Array> {
  const { level, asked, dataSet: query } = identifier;
  const wanted = asked.flatMap(({ tag }) => {
    const found = match[hexTag(tag)];
    return found === undefined || found.BulkDataURI !== undefined ? [] : [[hexTag(tag), found] as const];
  });
  const found = await fromJson(Object.fromEntries(wanted));
  const missing = asked.filter(({ tag }) => !found.has(tag)).map(emptyElement);
  const answer = found.with(
    ...missing,
    createElement('QueryRetrieveLevel', level),
    createElement('RetrieveAETitle', aeTitle),
    ...(query.has('InstanceAvailability') ? [createElement('InstanceAvailability', 'ONLINE')] : []),
  );
  return encodeDataSet(inCharacterSet(answer, query.characterSets), transferSyntaxOf(transferSyntaxUid).encoding);
}

function emptyElement({ tag, vr }: Element): Element {
  if (vr === 'SQ') return { kind: 'sequence', tag, vr, items: [] as readonly DataSet[] };
  return { kind: 'value', tag, vr, bytes: new Uint8Array(0), littleEndian: true };
}
