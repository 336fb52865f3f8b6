export { checkpoint } from './autodiff/checkpoint.ts';
export { gradients } from './autodiff/gradients.ts';
export {
  type ClippedGradients,
  type ClippedOptions,
  clippedGradients,
  type PerSampleGradients,
  type PerSampleOptions,
  perSampleGradients,
} from './autodiff/per-sample-gradients.ts';
export { encodePng, type Picture } from './binary/encode-png.ts';
export { readZip, type ZipEntry } from './binary/read-zip.ts';
export type { DType, TensorData } from './graph/dtype.ts';
export { elementCount, range, type Shape, sameShape } from './graph/shape.ts';
export type { Node, Tensor } from './graph/tensor.ts';
export { inspectOnnx, type LayerFigures, type ModelFigures } from './inspect/inspect-onnx.ts';
export * from './nn/initializers.ts';
export * from './nn/layers.ts';
export { type LoadedWeights, type LoadWeightsOptions, loadWeights, weightToFloat32 } from './nn/load-weights.ts';
export {
  createNetworkBuilder,
  type NetworkBuilder,
  RANDOM_KEY,
  randomKeyOf,
  type Scope,
  type Variable,
} from './nn/scope.ts';
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './onnx/format/onnx-model.ts';
export { readOnnx } from './onnx/format/read-onnx.ts';
export { writeOnnx } from './onnx/format/write-onnx.ts';
export { PORTABLE, type ToOnnxOptions, toOnnx } from './onnx/to-onnx.ts';
export { withValues } from './onnx/with-values.ts';
export * as ops from './ops/operations.ts';
export { type AdamOptions, adam, adamW } from './optimizers/adam.ts';
export type { Optimizer } from './optimizers/optimizer.ts';
export {
  assertSamplesApart,
  type PrivateGradientOptions,
  type PrivateGradients,
  privateGradients,
  sampleMixingLayers,
} from './optimizers/private-gradients.ts';
export { type SgdOptions, sgd } from './optimizers/sgd.ts';
export {
  initialValues,
  isMatrix,
  LEARNING_RATE,
  STEP,
  type TrainingProgramOptions,
  trainingProgram,
} from './optimizers/training-program.ts';
export { Random, type RandomState } from './random/random.ts';
export { standardNormal } from './random/standard-normal.ts';
export { BACKENDS, type Backend, defaultTarget, type RuntimeOptions } from './runtime/backend.ts';
export { type CompileOptions, compile, type Executable, type Program } from './runtime/compile.ts';
export { openOnnx, type Session } from './runtime/session.ts';
export { scalarValue, type TensorValue } from './runtime/tensor-value.ts';
export { eventFileName } from './tensorboard/event-file-name.ts';
export { histogramBuckets } from './tensorboard/histogram-buckets.ts';
export { type EventsRead, readEvents } from './tensorboard/read-events.ts';
export type { HistogramBucket, RunEvent, Summary } from './tensorboard/run-event.ts';
export { writeEvent, writeFileHeader } from './tensorboard/write-event.ts';
export { readOnnxInitializers } from './weights/onnx-initializers.ts';
export { readPyTorch } from './weights/pytorch.ts';
export { readWeights } from './weights/read-weights.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './weights/safetensors.ts';
export type { WeightDType, WeightMap, WeightTensor } from './weights/weight-tensor.ts';
