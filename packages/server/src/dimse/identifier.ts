import { type DataSet, type Element, hexTag, parseDataSet, tagOf, transferSyntaxOf } from '@vesalius/dicom';
import { QUERY_RETRIEVE } from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { Level, MatchKey } from '../store/archive.ts';
import { couldMatch } from '../store/could-match.ts';

/** The identifier of a query or retrieval: at which level, which keys with a value, what is to come back. */
export interface Identifier {
  readonly level: Level;
  readonly dataSet: DataSet;
  /** Every key, in the order of tags. */
  readonly asked: readonly Element[];
  readonly match: readonly MatchKey[];
}

const LEVELS: readonly Level[] = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'];
/** About the query, or about where the answer comes from: PS3.4 C.4.1.1.3. */
const NOT_KEYS = new Set(
  (
    [
      'SpecificCharacterSet',
      'QueryRetrieveLevel',
      'RetrieveAETitle',
      'InstanceAvailability',
      'TimezoneOffsetFromUTC',
    ] as const
  ).map(tagOf),
);

/**
 * Reads an identifier.
 *
 * @throws DATA_MISMATCH for a level that the information model has not, or a key that no value can match
 * @source PS3.4 C.4.1.1.3, C.6
 */
export function readIdentifier(
  bytes: Uint8Array,
  { sopClassUid, transferSyntaxUid }: { readonly sopClassUid: string; readonly transferSyntaxUid: string },
): Identifier {
  const { dataSet } = parseDataSet(bytes, { encoding: transferSyntaxOf(transferSyntaxUid).encoding });
  const asked = [...dataSet].filter(({ tag }) => (tag & 0xffff) !== 0 && !NOT_KEYS.has(tag));
  return {
    level: levelOf(dataSet, sopClassUid),
    dataSet,
    asked,
    match: asked.flatMap((key) => matchKeys(key, dataSet)),
  };
}

function levelOf(dataSet: DataSet, sopClassUid: string): Level {
  const isPatientRoot = (Object.values(QUERY_RETRIEVE.patientRoot) as string[]).includes(sopClassUid);
  const allowed = isPatientRoot ? LEVELS : LEVELS.slice(1);
  const level = dataSet.string('QueryRetrieveLevel');
  const known = allowed.find((each) => each === level);
  if (known) return known;
  throw new VesaliusError('DATA_MISMATCH', { what: 'QueryRetrieveLevel', got: level ?? 'none', expected: allowed });
}

function matchKeys(key: Element, dataSet: DataSet): MatchKey[] {
  const tag = hexTag(key.tag);
  if (key.kind === 'fragments') return [];
  if (key.kind === 'sequence') {
    const [item] = key.items;
    return item
      ? [...item].flatMap((inner) => matchKeys(inner, item)).map((inner) => ({ ...inner, tag: `${tag}.${inner.tag}` }))
      : [];
  }
  const value = dataSet.strings(key.tag).join('\\');
  if (value === '') return [];
  if (couldMatch({ tag, value })) return [{ tag, value }];
  throw new VesaliusError('DATA_MISMATCH', { what: `key ${tag}`, expected: 'a value of its VR' });
}
