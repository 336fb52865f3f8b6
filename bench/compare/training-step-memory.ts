// Trains TransUNet++ for two steps and prints what the process came to: `memory` of the figure D6 starts one for each measurement.
import { readFileSync } from 'node:fs';
import {
  ops as $,
  adamW,
  compile,
  createNetworkBuilder,
  elementCount,
  initialValues,
  scalarValue,
  type Tensor,
  type TrainingProgramOptions,
  trainingProgram,
} from '@vesalius/engine';
import { deepSupervisionLoss, diceCELoss } from '@vesalius/medical';
import { transUnetPlusPlus } from '@vesalius/methods';

interface Asked {
  readonly precision: NonNullable<TrainingProgramOptions['precision']>;
  readonly freesEarly: boolean;
  /** Stride of the first level. */
  readonly stem: number;
  /** `[B, C, H, W]` */
  readonly shape: readonly number[];
}

const { precision, freesEarly, stem, shape } = JSON.parse(process.argv[2] ?? '{}') as Asked;
const STEPS = 2;
const [batch = 1, channels = 1, ...space] = shape;
const { scope, variables } = createNetworkBuilder({ training: true });
const image = $.input('image', shape);
const label = $.input('label', [batch, 1, ...space]);
const network = { outChannels: 2, stem: [stem, stem], deepSupervision: true };
const { logits } = transUnetPlusPlus(scope, image, network);
const part = (prediction: Tensor, target: Tensor): Tensor =>
  diceCELoss(prediction, target, { softmax: true, toOnehotY: true, includeBackground: false, batch: true });
const loss = deepSupervisionLoss([...logits], label, { loss: part, normalize: true });
const options = { loss, variables: variables(), optimizer: adamW(), clipNorm: 12, emaDecay: 0.997, precision };
const program = await compile(trainingProgram(options), { threads: 1, freesEarly });
for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
const count = elementCount(shape);
const fed = {
  image: { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37)) },
  label: {
    shape: label.shape,
    dtype: 'float32',
    data: Float32Array.from({ length: count / channels }, (_, i) => Number(Math.sin(i * 0.001) > 0)),
  },
} as const;
const before = residentPeakMib();
const losses: number[] = [];
let cpuSeconds = Number.NaN;
for (let step = 1; step <= STEPS; step++) {
  const start = process.cpuUsage();
  const found = await program.run({ ...fed, learning_rate: scalarValue(0.001), step: scalarValue(step) });
  const { user, system } = process.cpuUsage(start);
  cpuSeconds = (user + system) / 1e6;
  losses.push(Number(found['loss']?.data[0]));
}
console.log(JSON.stringify({ peakMib: residentPeakMib(), beforeMib: before, cpuSeconds, loss: losses.at(-1) }));
await program.close();

/** Of all that this process ever held. */
function residentPeakMib(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
