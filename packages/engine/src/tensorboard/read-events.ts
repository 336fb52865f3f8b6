import { fileError } from '../binary/file-error.ts';
import { decodeMessage } from '../protobuf/decode-message.ts';
import {
  type AnyValueProto,
  EVENT,
  HPARAMS_PLUGIN,
  type ImageProto,
  SESSION_START_STATUS,
  type SummaryTensorProto,
  type SummaryValueProto,
  TENSOR_TYPE,
} from './event-schema.ts';
import { recordAt } from './record.ts';
import type { HistogramBucket, RunEvent, Summary } from './run-event.ts';

/** What could be read of an event file so far. */
export interface EventsRead {
  readonly events: readonly RunEvent[];
  /** Bytes up to the end of the last whole record: where to go on once the file has grown. */
  readonly end: number;
}

/**
 * Reads an event file, or what has been written of it: a last record that is not finished yet is left for later.
 *
 * Takes scalars, pictures, histograms, texts and hyper-parameters in the plugins' form, and scalars and pictures in
 * the older one; anything else is passed over.
 *
 * @param start - where an earlier reading ended
 * @parity torch.utils.tensorboard.SummaryWriter
 * @throws FILE_FORMAT when a checksum or a message is wrong
 */
export function readEvents(bytes: Uint8Array, start = 0, file?: string): EventsRead {
  const events: RunEvent[] = [];
  let end = start;
  for (let record = recordAt(bytes, end); record.state !== 'unfinished'; record = recordAt(bytes, end)) {
    if (record.state === 'damaged') {
      throw fileError(
        'FILE_FORMAT',
        { what: `checksum of the record at byte ${end} of an event file`, got: 'a wrong one' },
        file,
      );
    }
    const event = runEvent(record.data, file);
    if (event.summaries.length > 0 || event.restart) events.push(event);
    end = record.next;
  }
  return { events, end };
}

function runEvent(data: Uint8Array, file: string | undefined): RunEvent {
  const { wallTime = 0, step = 0, summary, sessionLog } = decodeMessage(data, EVENT, file);
  const summaries = (summary?.value ?? []).map((value) => summaryOf(value, file)).filter((item) => item !== undefined);
  const restart = sessionLog?.status === SESSION_START_STATUS;
  return { wallTimeSeconds: wallTime, step, summaries, ...(restart && { restart }) };
}

function summaryOf(value: SummaryValueProto, file: string | undefined): Summary | undefined {
  const { tag = '', simpleValue, image, tensor, metadata } = value;
  if (simpleValue !== undefined) return { kind: 'scalar', tag, value: simpleValue };
  if (image !== undefined) return { kind: 'image', tag, pictures: [olderPicture(image)] };
  const { pluginName, content } = metadata?.pluginData ?? {};
  if (pluginName === 'hparams' && content !== undefined) return hparamsOf(content, file);
  return tensor === undefined ? undefined : pluginSummary(tag, pluginName, tensor);
}

function pluginSummary(tag: string, pluginName: string | undefined, tensor: SummaryTensorProto): Summary | undefined {
  switch (pluginName) {
    case 'scalars':
      return { kind: 'scalar', tag, value: numbersOf(tensor)[0] ?? Number.NaN };
    case 'images':
      return { kind: 'image', tag, pictures: picturesOf(tensor.stringVal ?? []) };
    case 'histograms':
      return { kind: 'histogram', tag, buckets: bucketsOf(numbersOf(tensor)) };
    case 'text':
      return { kind: 'text', tag, text: (tensor.stringVal ?? []).map(textOf).join('\n') };
    default:
      return undefined;
  }
}

/** Width and height as texts, then the pictures. */
function picturesOf([width, height, ...pngs]: readonly Uint8Array[]) {
  const size = { width: Number(textOf(width)), height: Number(textOf(height)) };
  return pngs.map((png) => ({ ...size, png }));
}

function olderPicture({ width = 0, height = 0, encodedImage = new Uint8Array() }: ImageProto) {
  return { width, height, png: encodedImage };
}

function bucketsOf(rows: ArrayLike<number>): HistogramBucket[] {
  return Array.from({ length: Math.floor(rows.length / 3) }, (_, i) => ({
    left: rows[3 * i] as number,
    right: rows[3 * i + 1] as number,
    count: rows[3 * i + 2] as number,
  }));
}

function numbersOf({ dtype, tensorContent, floatVal, doubleVal }: SummaryTensorProto): ArrayLike<number> {
  if (tensorContent === undefined) return (dtype === TENSOR_TYPE.double ? doubleVal : floatVal) ?? [];
  const size = dtype === TENSOR_TYPE.double ? 8 : 4;
  const whole = new Uint8Array(tensorContent.subarray(0, tensorContent.length - (tensorContent.length % size))).buffer;
  return size === 8 ? new Float64Array(whole) : new Float32Array(whole);
}

function hparamsOf(content: Uint8Array, file: string | undefined): Summary | undefined {
  const session = decodeMessage(content, HPARAMS_PLUGIN, file).sessionStartInfo;
  if (session === undefined) return undefined;
  const entries = (session.hparams ?? []).map(({ key = '', value = {} }) => [key, plainValue(value)] as const);
  return { kind: 'hparams', values: Object.fromEntries(entries) };
}

function plainValue({ numberValue, stringValue, boolValue }: AnyValueProto): number | string | boolean {
  return numberValue ?? stringValue ?? boolValue === 1;
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
