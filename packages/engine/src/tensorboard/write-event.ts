import { encodeMessage } from '../protobuf/encode-message.ts';
import {
  type AnyValueProto,
  DATA_CLASS,
  EVENT,
  type EventProto,
  FILE_VERSION,
  HPARAMS_PLUGIN,
  SESSION_START_STATUS,
  type SummaryMetadataProto,
  type SummaryTensorProto,
  type SummaryValueProto,
  TENSOR_TYPE,
} from './event-schema.ts';
import { frameRecord } from './record.ts';
import type { HistogramBucket, RunEvent, Summary } from './run-event.ts';

const UTF8 = new TextEncoder();

/** The record that every event file starts with. */
export function writeFileHeader(wallTimeSeconds: number): Uint8Array<ArrayBuffer> {
  return writeRecord({ wallTime: wallTimeSeconds, fileVersion: FILE_VERSION });
}

/**
 * One event as a record, to be appended to an event file in one write.
 *
 * @source TensorBoard, event.proto; scalars as `simple_value`, which every reader takes, the rest as the plugins'
 * tensors
 */
export function writeEvent({ wallTimeSeconds, step, summaries, restart }: RunEvent): Uint8Array<ArrayBuffer> {
  const value = summaries.map((summary) => summaryValue(summary, wallTimeSeconds));
  return writeRecord({
    wallTime: wallTimeSeconds,
    step,
    ...(value.length > 0 && { summary: { value } }),
    ...(restart && { sessionLog: { status: SESSION_START_STATUS } }),
  });
}

function writeRecord(event: EventProto): Uint8Array<ArrayBuffer> {
  return frameRecord(encodeMessage(event, EVENT));
}

function summaryValue(summary: Summary, wallTimeSeconds: number): SummaryValueProto {
  switch (summary.kind) {
    case 'scalar':
      return { tag: summary.tag, simpleValue: summary.value };
    case 'image': {
      const { width = 0, height = 0 } = summary.pictures[0] ?? {};
      const sizes = [width, height].map((size) => UTF8.encode(String(size)));
      const tensor = textTensor([...sizes, ...summary.pictures.map(({ png }) => png)]);
      return { tag: summary.tag, metadata: plugin('images', DATA_CLASS.blobSequence), tensor };
    }
    case 'histogram':
      return {
        tag: summary.tag,
        metadata: plugin('histograms', DATA_CLASS.tensor),
        tensor: bucketTensor(summary.buckets),
      };
    case 'text':
      return {
        tag: summary.tag,
        metadata: plugin('text', DATA_CLASS.tensor),
        tensor: textTensor([UTF8.encode(summary.text)]),
      };
    case 'hparams':
      return { tag: '_hparams_/session_start_info', metadata: hparams(summary.values, wallTimeSeconds) };
  }
}

function plugin(pluginName: string, dataClass: number): SummaryMetadataProto {
  return { pluginData: { pluginName }, dataClass };
}

function textTensor(stringVal: Uint8Array[]): SummaryTensorProto {
  return { dtype: TENSOR_TYPE.string, tensorShape: { dim: [{ size: stringVal.length }] }, stringVal };
}

/** `[k, 3]`: left edge, right edge, count. */
function bucketTensor(buckets: readonly HistogramBucket[]): SummaryTensorProto {
  const rows = Float64Array.from(buckets.flatMap(({ left, right, count }) => [left, right, count]));
  return {
    dtype: TENSOR_TYPE.double,
    tensorShape: { dim: [{ size: buckets.length }, { size: 3 }] },
    tensorContent: new Uint8Array(rows.buffer),
  };
}

function hparams(
  values: Readonly<Record<string, number | string | boolean>>,
  startTimeSecs: number,
): SummaryMetadataProto {
  const entries = Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
  const content = encodeMessage({ version: 0, sessionStartInfo: { hparams: entries, startTimeSecs } }, HPARAMS_PLUGIN);
  return { pluginData: { pluginName: 'hparams', content } };
}

function anyValue(value: number | string | boolean): AnyValueProto {
  if (typeof value === 'number') return { numberValue: value };
  return typeof value === 'string' ? { stringValue: value } : { boolValue: Number(value) };
}
