import {
  ops as $,
  type CompileOptions,
  compile,
  createNetworkBuilder,
  type Executable,
  initialValues,
  scalarValue,
  sgd,
  type Tensor,
  type TensorValue,
  trainingProgram,
} from '@vesalius/engine';
import { plainUnet } from '../peers/plain-unet.ts';
import { BATCH_SHAPE, type Batch } from './pictures.ts';

export interface TrainingOptions extends CompileOptions {
  /** Of the first weights. */
  readonly seed: number;
  /** Adds the Dice loss to the mean cross entropy: small lesions are found sooner. */
  readonly withDice?: boolean;
}

export interface StepResult {
  readonly loss: number;
  /** Probability of the target in each pixel. */
  readonly prediction: Float32Array;
}

/** The same training wherever it runs: U-Net 16-32-64-128, cross entropy, plain gradient descent. */
export class Training {
  readonly executable: Executable;
  #steps = 0;

  private constructor(executable: Executable) {
    this.executable = executable;
  }

  /** Builds and loads the graph and draws its first weights. */
  static async start({ seed, withDice = false, ...options }: TrainingOptions): Promise<Training> {
    const { scope, variables } = createNetworkBuilder({ training: true });
    const [image, target] = [$.input('image', BATCH_SHAPE), $.input('target', BATCH_SHAPE)];
    const logits = plainUnet(scope, image, [16, 32, 64, 128]);
    const prediction = $.sigmoid(logits);
    const crossEntropy = $.mean($.sub($.softplus(logits), $.mul(logits, target)));
    const loss = withDice ? $.add(crossEntropy, diceLoss(prediction, target)) : crossEntropy;
    const outputs = { prediction };
    const program = trainingProgram({ loss, variables: variables(), optimizer: sgd(), outputs });
    const executable = await compile(program, options);
    for (const [name, value] of initialValues(variables(), seed)) executable.writeState(name, value);
    return new Training(executable);
  }

  /** A learning rate of 0 leaves the weights as they are, and so only predicts. */
  async step(batch: Batch, learningRate: number): Promise<StepResult> {
    const scalars = { learning_rate: scalarValue(learningRate), step: scalarValue(++this.#steps) };
    const feeds = { image: asTensor(batch.image), target: asTensor(batch.target) };
    const { loss, prediction } = await this.executable.run({ ...feeds, ...scalars });
    return { loss: Number(loss?.data[0]), prediction: prediction?.data as Float32Array };
  }
}

function diceLoss(prediction: Tensor, target: Tensor): Tensor {
  const overlap = $.div($.sum($.mul(prediction, target)), $.add($.sum($.add(prediction, target)), 1e-5));
  return $.sub(1, $.mul(overlap, 2));
}

function asTensor(data: Float32Array): TensorValue {
  return { shape: BATCH_SHAPE, dtype: 'float32', data };
}
