import type { DicomJson, JsonElement } from '@vesalius/dicom';
import type { InstanceRecord } from '../../store/archive.ts';
import { chooseListForm, sendList } from '../answers.ts';
import { addressOf, type Call, instancesOf, recordEvent, scopeOfRecord } from '../call.ts';

/** Binary values up to this length stand in the metadata themselves; in base64. */
const INLINE_LETTERS = 1368;
const BULK_VRS = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN'];

/** Gives what instances say of themselves, without their pixels: PS3.18 10.4.1.1.4. */
export async function wadoMetadata(call: Call) {
  const form = chooseListForm(call);
  const records = await instancesOf(call);
  await recordEvent(call, 'retrieved', {
    studies: records.map(({ studyInstanceUid }) => studyInstanceUid),
    detail: `metadata of ${records.length} instances`,
  });
  return sendList(call, form, metadataOf(call, records));
}

async function* metadataOf({ services, base }: Call, records: readonly InstanceRecord[]): AsyncGenerator<DicomJson> {
  let at = 0;
  for await (const dataSet of services.archive.metadata(records)) {
    const record = records[at++] as InstanceRecord;
    const address = `${addressOf(base, scopeOfRecord(record))}/bulkdata`;
    const metadata = withBulkAddresses(dataSet, address);
    yield record.frames === 0 ? metadata : { ...metadata, ...pixelAddress(metadata, record, address) };
  }
}

/** Long and left-out binary values as addresses. Viewers wait for ever for a Modality that is missing: PS3.3 C.7.3.1 requires it. */
function withBulkAddresses(dataSet: DicomJson, address: string): DicomJson {
  return Object.fromEntries(
    Object.entries(dataSet).map(([tag, element]) => [tag, withBulkAddress(element, `${address}/${tag}`)]),
  );
}

function withBulkAddress(element: JsonElement, address: string): JsonElement {
  const { vr, Value, InlineBinary } = element;
  if (vr === 'SQ' && Value !== undefined)
    return { vr, Value: Value.map((item, i) => withBulkAddresses((item ?? {}) as DicomJson, `${address}/${i}`)) };
  if (InlineBinary !== undefined && InlineBinary.length > INLINE_LETTERS) return { vr, BulkDataURI: address };
  const leftOut = BULK_VRS.includes(vr) && Value === undefined && InlineBinary === undefined;
  return leftOut ? { vr, BulkDataURI: address } : element;
}

function pixelAddress(metadata: DicomJson, { transferSyntaxUid }: InstanceRecord, address: string): DicomJson {
  const bits = Number(metadata['00280100']?.Value?.[0]);
  // PS3.3 C.7.6.24, C.7.6.25: pixels of floats have no representation.
  const floats = metadata['00280103'] === undefined && bits >= 32;
  if (floats && bits === 32) return { '7FE00008': { vr: 'OF', BulkDataURI: `${address}/7FE00008` } };
  if (floats) return { '7FE00009': { vr: 'OD', BulkDataURI: `${address}/7FE00009` } };
  const compressed = !/^1\.2\.840\.10008\.1\.2(\.1|\.2|\.1\.99)?$/.test(transferSyntaxUid);
  return { '7FE00010': { vr: compressed || bits <= 8 ? 'OB' : 'OW', BulkDataURI: `${address}/7FE00010` } };
}
