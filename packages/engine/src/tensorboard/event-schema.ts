import { bytes, double, float, int, message, repeated, type Schema, string } from '../protobuf/schema.ts';

/**
 * The messages of a TensorBoard event file as they stand on the wire, and their tables.
 * @source TensorBoard, tensorboard/compat/proto (event, summary, tensor) and plugins/hparams/plugin_data.proto
 */
export interface EventProto {
  wallTime?: number | undefined;
  step?: number | undefined;
  fileVersion?: string | undefined;
  summary?: SummaryProto | undefined;
  sessionLog?: SessionLogProto | undefined;
}
export interface SessionLogProto {
  status?: number | undefined;
}
export interface SummaryProto {
  value?: SummaryValueProto[] | undefined;
}
export interface SummaryValueProto {
  tag?: string | undefined;
  simpleValue?: number | undefined;
  image?: ImageProto | undefined;
  tensor?: SummaryTensorProto | undefined;
  metadata?: SummaryMetadataProto | undefined;
}
export interface ImageProto {
  height?: number | undefined;
  width?: number | undefined;
  encodedImage?: Uint8Array | undefined;
}
export interface SummaryMetadataProto {
  pluginData?: PluginDataProto | undefined;
  dataClass?: number | undefined;
}
export interface PluginDataProto {
  pluginName?: string | undefined;
  content?: Uint8Array | undefined;
}
export interface SummaryTensorProto {
  dtype?: number | undefined;
  tensorShape?: SummaryShapeProto | undefined;
  tensorContent?: Uint8Array | undefined;
  floatVal?: number[] | undefined;
  doubleVal?: number[] | undefined;
  stringVal?: Uint8Array[] | undefined;
}
export interface SummaryShapeProto {
  dim?: { size?: number | undefined }[] | undefined;
}
export interface HparamsPluginProto {
  version?: number | undefined;
  sessionStartInfo?: SessionStartProto | undefined;
}
export interface SessionStartProto {
  hparams?: HparamProto[] | undefined;
  groupName?: string | undefined;
  startTimeSecs?: number | undefined;
}
export interface HparamProto {
  key?: string | undefined;
  value?: AnyValueProto | undefined;
}
/** google.protobuf.Value, of which one field is set; a bool is 0 or 1. */
export interface AnyValueProto {
  numberValue?: number | undefined;
  stringValue?: string | undefined;
  boolValue?: number | undefined;
}

const DIM: Schema<{ size?: number | undefined }> = { size: int(1) };
const SHAPE: Schema<SummaryShapeProto> = { dim: repeated(message(2, () => DIM)) };
const TENSOR: Schema<SummaryTensorProto> = {
  dtype: int(1),
  tensorShape: message(2, () => SHAPE),
  tensorContent: bytes(4),
  floatVal: repeated(float(5)),
  doubleVal: repeated(double(6)),
  stringVal: repeated(bytes(8)),
};
const PLUGIN_DATA: Schema<PluginDataProto> = { pluginName: string(1), content: bytes(2) };
const METADATA: Schema<SummaryMetadataProto> = { pluginData: message(1, () => PLUGIN_DATA), dataClass: int(4) };
const IMAGE: Schema<ImageProto> = { height: int(1), width: int(2), encodedImage: bytes(4) };
const VALUE: Schema<SummaryValueProto> = {
  tag: string(1),
  simpleValue: float(2),
  image: message(4, () => IMAGE),
  tensor: message(8, () => TENSOR),
  metadata: message(9, () => METADATA),
};
const SUMMARY: Schema<SummaryProto> = { value: repeated(message(1, () => VALUE)) };

const SESSION_LOG: Schema<SessionLogProto> = { status: int(1) };

export const EVENT: Schema<EventProto> = {
  wallTime: double(1),
  step: int(2),
  fileVersion: string(3),
  summary: message(5, () => SUMMARY),
  sessionLog: message(7, () => SESSION_LOG),
};

const ANY_VALUE: Schema<AnyValueProto> = { numberValue: double(2), stringValue: string(3), boolValue: int(4) };
const HPARAM: Schema<HparamProto> = { key: string(1), value: message(2, () => ANY_VALUE) };
const SESSION_START: Schema<SessionStartProto> = {
  hparams: repeated(message(1, () => HPARAM)),
  groupName: string(4),
  startTimeSecs: double(5),
};

export const HPARAMS_PLUGIN: Schema<HparamsPluginProto> = {
  version: int(1),
  sessionStartInfo: message(3, () => SESSION_START),
};

/** tensorflow.DataType of the tensors that summaries hold. */
export const TENSOR_TYPE = { float: 1, double: 2, string: 7 } as const;

/** SummaryMetadata.DataClass. */
export const DATA_CLASS = { scalar: 1, tensor: 2, blobSequence: 3 } as const;

/** SessionLog.SessionStatus of a run that starts, or goes on from an earlier step. */
export const SESSION_START_STATUS = 1;

/** What the first record of every event file says. */
export const FILE_VERSION = 'brain.Event:2';
